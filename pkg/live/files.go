package live

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// Files downloads files, and keeps what they are compared by, in their order. One request
// a file: the portal shows a file's content only.
func (r *Reader) Files(ctx context.Context, files []kind.FileLink) ([]kind.FileContent, error) {
	contents := make([]kind.FileContent, len(files))
	return contents, parallel(ctx, len(files), func(ctx context.Context, i int) (err error) {
		contents[i], err = r.download(ctx, files[i])
		return err
	})
}

// download reads one file. That a single one cannot be read concerns its record only.
func (r *Reader) download(ctx context.Context, file kind.FileLink) (kind.FileContent, error) {
	content, err := r.client.Download(ctx, file.Link)
	switch {
	case err != nil && (ctx.Err() != nil || isOfCredential(err)):
		return kind.FileContent{}, withScope(value.While(err, "reading-file", value.N("id", file.ID)))
	case err != nil:
		return kind.FileContent{Fault: value.SaidBy(err)}, nil
	}
	sum := sha256.Sum256(content)
	return kind.FileContent{Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}, nil
}
