# b24apply alone: no shell, no user but its own. Mount the project at /work:
#   docker run --rm -v "$PWD:/work" -e B24_WEBHOOK_URL b24apply plan
FROM golang:1.26-alpine AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION= COMMIT= DATE=
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$VERSION -X main.commit=$COMMIT -X main.date=$DATE" -o /b24apply ./cmd/b24apply
RUN apk add --no-cache ca-certificates tzdata && mkdir /work

# For CI, whose jobs need a shell: --target ci.
FROM alpine:3.22 AS ci
RUN apk add --no-cache bash ca-certificates curl jq tzdata
COPY --from=build /b24apply /usr/local/bin/b24apply
WORKDIR /work

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo
COPY --from=build /b24apply /b24apply
COPY --from=build --chown=65532:65532 /work /work
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/b24apply"]
