package ui

import "strings"

// An Annotation is what a GitHub runner shows beside a line of a file.
type Annotation struct {
	Level, Title, Message string
	properties            strings.Builder
}

func (a *Annotation) add(name, text string) {
	a.properties.WriteString(name + "=" + escapedProperty.Replace(text) + ",")
}

// What a runner reads as the end of a message, or of a property, is written as it is in a URL.
var (
	escapedMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	escapedProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// Annotate writes the one command that passes a door, on a line of its own. What it says is inert like all
// other text: it ends no command and begins none. The error is the writer's.
func (d *Door) Annotate(a *Annotation) error {
	text := []byte(a.properties.String() + "title=" + escapedProperty.Replace(a.Title) + "::" + escapedMessage.Replace(a.Message) + "\n")
	d.mu.Lock()
	defer d.mu.Unlock()
	d.used = true
	if d.secrets != nil {
		shown, rest := d.secrets.hide(text)
		text = append(append([]byte(nil), shown...), rest...)
	}
	d.out = append(append(append(d.out[:0], "::"...), a.Level...), ' ')
	d.line = lineState{} // behind the start of a line, where no command begins
	d.pass(text)
	return d.send()
}
