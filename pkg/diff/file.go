package diff

// A liveFile is a file of a field. The portal shows no more of it than its id.
type liveFile struct {
	id   int
	link string // urlMachine, which may hold a token
}
