package words

// refusalMessages join the reasons for which a plan refuses an item.
var refusalMessages = sentences{
	"and-also": "{first}; {next}",
	"of-field": "{field}: {said}",
}
