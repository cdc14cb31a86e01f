package words

// valueMessages are the sentences of package value, and those that several packages say.
var valueMessages = sentences{
	"verbatim": "{text}",
}
