package bitrix

import "strings"

// An Effect says what sending a request twice does. It decides whether a
// request whose answer was lost is sent again.
type Effect uint8

// The effects, from the weakest to the strongest.
const (
	// Read changes nothing.
	Read Effect = iota
	// Repeatable changes something, and twice is the same as once.
	Repeatable
	// Once must not be sent again unless it is known that it did not happen.
	Once
)

// methodEffects holds the methods that the last part of their name does not
// tell, or tells wrongly. Names are in lower case.
var methodEffects = map[string]Effect{
	"access.name":                                Read,
	"app.info":                                   Read,
	"crm.controller.item.getfile":                Read,
	"crm.duplicate.findbycomm":                   Read,
	"crm.item.productrow.getavailableforpayment": Read,
	"crm.requisite.preset.countries":             Read,
	"crm.requisite.preset.field.availabletoadd":  Read,
	"crm.status.entity.items":                    Read,
	"crm.type.getbyentitytypeid":                 Read,
	"methods":                                    Read,
	"profile":                                    Read,
	"scope":                                      Read,
	"server.time":                                Read,
	"user.access":                                Read,
	"user.admin":                                 Read,
	"user.current":                               Read,
	"user.search":                                Read,
	"event.offline.get":                          Once,       // takes the events off the queue
	"im.notify.read.list":                        Repeatable, // marks notifications as read
	"im.v2.event.get":                            Repeatable, // its offset removes the events before it
	"imbot.v2.event.get":                         Repeatable,
}

// verbEffects tells by the last part of a method's name, in lower case.
var verbEffects = map[string]Effect{
	"get": Read, "list": Read, "fields": Read, "types": Read,
	"getfields": Read, "getlist": Read, "gettypes": Read,
	"delete": Repeatable,
}

// EffectOf tells the effect of a method by its name. A method it does not know
// is Once, the careful answer, and so is an update: each save starts automation,
// and one whose answer was lost may come after somebody else's.
func EffectOf(method string) Effect {
	method = strings.TrimSuffix(strings.ToLower(method), ".json")
	if e, ok := methodEffects[method]; ok {
		return e
	}
	if strings.HasPrefix(method, "crm.enum.") {
		return Read
	}
	if e, ok := verbEffects[method[strings.LastIndexByte(method, '.')+1:]]; ok {
		return e
	}
	return Once
}

// strongest is the effect of several commands in one request.
func strongest(commands []Command) Effect {
	e := Read
	for _, c := range commands {
		e = max(e, EffectOf(c.Method))
	}
	return e
}
