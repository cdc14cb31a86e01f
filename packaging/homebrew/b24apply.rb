# The formula of a tap. A release fills in VERSION and the four checksums of checksums.txt (see CONTRIBUTING.md).
class B24apply < Formula
  desc "Plan and apply Bitrix24 CRM records from YAML manifests"
  homepage "https://github.com/b24apply/b24apply"
  version "VERSION"
  license "MIT"

  on_macos do
    on_arm do
      url "https://github.com/b24apply/b24apply/releases/download/vVERSION/b24apply_VERSION_darwin_arm64.tar.gz"
      sha256 "SHA256_DARWIN_ARM64"
    end
    on_intel do
      url "https://github.com/b24apply/b24apply/releases/download/vVERSION/b24apply_VERSION_darwin_amd64.tar.gz"
      sha256 "SHA256_DARWIN_AMD64"
    end
  end

  on_linux do
    on_arm do
      url "https://github.com/b24apply/b24apply/releases/download/vVERSION/b24apply_VERSION_linux_arm64.tar.gz"
      sha256 "SHA256_LINUX_ARM64"
    end
    on_intel do
      url "https://github.com/b24apply/b24apply/releases/download/vVERSION/b24apply_VERSION_linux_amd64.tar.gz"
      sha256 "SHA256_LINUX_AMD64"
    end
  end

  def install
    bin.install "b24apply"
    generate_completions_from_executable(bin/"b24apply", "completion")
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/b24apply version")
  end
end
