package portal

import (
	"testing"
	"time"
)

func batchClaims(t *testing.T) []claim {
	standard := plan(t, "standard")
	return []claim{
		{name: "batch rule 1: command 51 is refused, the others run", turns: []turn{
			{send: "batch", body: `{"cmd":{` + many(1, 51, `"c%d":"test.nothing"`) + `}}`,
				want: `{"result":{"result":{"c50":null,"c51":"(absent)"},
					"result_error":{"c50":"(absent)","c51":{"error":"ERROR_BATCH_LENGTH_EXCEEDED","error_description":"Max batch length exceeded"}}}}`},
		}},
		{name: "batch rule 2: each map is [], a list or an object", turns: []turn{
			{send: "batch", body: `{"cmd":{"a":"test.nothing"}}`,
				want: `{"result":{"result":{"a":null},"result_error":[],"result_total":[],"result_next":[],"result_time":{"a":{}}}}`},
			{send: "batch", body: `{"cmd":["test.nothing","test.nothing"]}`, want: `{"result":{"result":[null,null],"result_time":[{},{}]}}`},
			{send: "batch", body: `{"cmd":["nope","test.nothing"]}`, want: `{"result":{"result":{"0":"(absent)","1":null},"result_error":[{}]}}`},
			{send: "batch", body: `{"cmd":{"a":"nope"}}`, want: `{"result":{"result":[],"result_time":[]}}`},
		}},
		{name: "batch rule 3: failures are absent, null is there, only lists count", turns: []turn{
			{send: "batch", body: `{"cmd":{"bad":"nope","nil":"test.nothing","rows":"test.rows"}}`,
				want: `{"result":{"result":{"bad":"(absent)","nil":null,"rows":["a","b"]},"result_error":{"nil":"(absent)","rows":"(absent)"},
					"result_total":{"nil":"(absent)","rows":120},"result_next":{"nil":"(absent)","rows":50}}}`},
		}},
		{name: "batch rule 4: commands share a minute, and what ran is committed",
			cfg: Config{Limits: standard, Costs: []Cost{{Method: "crm.item.add", Time: 25 * time.Second}}}, turns: []turn{
				{send: "batch", body: `{"cmd":{` + many(1, 3, `"c%[1]d":"crm.item.add?entityTypeId=2&fields[title]=T%[1]d"`) + `}}`, want: `504 html <html>`},
				{send: "crm.item.list", body: `{"entityTypeId":2,"select":["title"]}`, want: `{"result":{"items":[{"title":"T1"},{"title":"T2"}]},"total":2}`},
			}},
		{name: "batch rule 5: halt is what PHP takes for true", turns: []turn{
			{send: "batch", body: `halt=false&cmd[a]=nope&cmd[b]=test.nothing`, want: `{"result":{"result":[],"result_error":{"a":{},"b":"(absent)"}}}`},
			{send: "batch", body: `halt=0&cmd[a]=nope&cmd[b]=test.nothing`, want: `{"result":{"result":{"b":null}}}`},
			{send: "batch", body: `{"HALT":1,"CMD":{"a":"nope","b":"test.nothing"}}`, want: `{"result":{"result":[],"result_error":{"b":"(absent)"}}}`},
			{send: "batch", body: `{"halt":false,"cmd":{"a":"nope","b":"test.nothing"}}`, want: `{"result":{"result":{"b":null}}}`},
		}},
		{name: "batch rule 6: commands are queries, and all scalars texts", turns: []turn{
			{send: "batch", body: `{"cmd":{"a":"test.echo?n=1&t=true&l[]=x&m[k]=y+z&a.b=%26"}}`,
				want: `{"result":{"result":{"a":{"n":"1","t":"true","l":["x"],"m":{"k":"y z"},"a_b":"&"}}}}`},
			{send: "batch", body: `cmd[a]=test.echo%3Fx%3DA%2520%2526%2520B`, want: `{"result":{"result":{"a":{"x":"A & B"}}}}`},
		}},
		{name: "batch rule 7: a command that is no text is skipped", turns: []turn{
			{send: "batch", body: `{"halt":1,"cmd":{"a":{"method":"test.echo"},"b":5,"c":["nope"],"d":"test.nothing"}}`,
				want: `{"result":{"result":{"a":"(absent)","b":"(absent)","c":"(absent)","d":null},"result_error":[]}}`},
		}},
		{name: "batch rule 8: no batch in a batch", turns: []turn{
			{send: "batch", body: `{"cmd":{"a":"Batch?cmd[x]=test.nothing"}}`, want: `{"result":{"result":[],"result_error":{"a":{"error":"ERROR_BATCH_METHOD_NOT_ALLOWED"}}}}`},
		}},
		{name: "batch rule 9: references", turns: []turn{
			{send: "batch", body: `{"cmd":{"u":"user.get?ID=1","rows":"test.rows","bad":"nope","it":"test.echo?whole=$result[rows]&one=$result[u][0][ID]` +
				`&next=$next[rows]&total=$total[rows]&error=$error[bad][error]&inside=of+$total[rows]+rows&list=x+$result[rows]&bare=costs+$total&case=$Result[rows]"}}`,
				want: `{"result":{"result":{"it":{"whole":["a","b"],"one":"1","next":50,"total":120,"error":"ERROR_METHOD_NOT_FOUND",
					"inside":"of 120 rows","list":"x $result[rows]","bare":"costs $total","case":"$Result[rows]"}}}}`},
			{send: "batch", body: `{"cmd":{"d":"crm.item.add?entityTypeId=2","c":"crm.item.add?entityTypeId=2&fields[title]=A",` +
				`"e":"crm.item.update?entityTypeId=2&id=$result[c][item][id]&fields[title]=B"}}`,
				want: `{"result":{"result":{"e":{"item":{"id":1,"title":"B"}}}}}`},
		}},
		{name: "batch rule 10: a reference takes all up to the next space", turns: []turn{
			{send: "batch", body: `{"cmd":{"rows":"test.rows","it":"test.echo?x=a-$result[rows][0]-b+c"}}`, want: `{"result":{"result":{"it":{"x":"a-a c"}}}}`},
		}},
		{name: "batch rule 11: a missing path gives its deepest node", turns: []turn{
			{send: "batch", body: `{"cmd":{"rows":"test.rows","it":"test.echo?map=$result[nope][id]&list=$result[rows][7]",` +
				`"get":"crm.item.get?entityTypeId=2&id=$result[nope][item][id]"}}`,
				want: `{"result":{"result":{"it":{"map":{"rows":["a","b"]},"list":["a","b"]}},"result_error":{"get":{"error":"100"}}}}`},
		}},
		{name: "batch rule 12: people's text that looks like a reference is one", turns: []turn{
			{send: "batch", body: `{"cmd":{"rows":"test.rows","it":"crm.item.add?entityTypeId=2&fields[title]=see+$result[rows][1]"}}`,
				want: `{"result":{"result":{"it":{"item":{"title":"see b"}}}}}`},
			{send: "crm.item.add", body: `{"entityTypeId":2,"fields":{"title":"see $result[rows][1]"}}`, want: `{"result":{"item":{"title":"see $result[rows][1]"}}}`},
		}},
		{name: "batch rule 12b: methods lose their case, keys nothing", turns: []turn{
			{send: "batch", body: `{"cmd":{"Key é":"Test.ECHO?A=1","5":"test.nothing"}}`, want: `{"result":{"result":{"Key é":{"A":"1"},"5":null}}}`},
		}},
		{name: "batch rule 13: limits and scopes come by command, the bucket for all",
			cfg: Config{Faults: "429:test.rows;503:batch,every=3", Webhooks: []Webhook{{User: 1, Secret: "narrow", Scopes: []string{"user"}}}}, turns: []turn{
				{send: "batch", body: `{"cmd":{"a":"test.rows","b":"test.nothing"}}`,
					want: `{"result":{"result":{"b":null},"result_error":{"a":{"error":"OPERATION_TIME_LIMIT"}}}}`},
				{send: "/rest/1/narrow/batch", body: `{"cmd":{"a":"crm.item.list?entityTypeId=2","b":"user.current"}}`,
					want: `{"result":{"result":{"b":{"ID":"1"}},"result_error":{"a":{"error":"insufficient_scope"}}}}`},
				{send: "batch", body: `{"cmd":{"a":"test.rows"}}`, want: `503 {"error":"QUERY_LIMIT_EXCEEDED","result":"(absent)"}`},
			}},
	}
}
