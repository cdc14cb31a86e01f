package portal

import "time"

// faultClaims show each fault hook.
func faultClaims() []claim {
	const (
		deal   = `{"entityTypeId":2,"fields":{"title":"A"}}`
		change = `{"entityTypeId":2,"id":1,"fields":{"opportunity":5}}`
	)
	add := func(want string) turn { return turn{send: "crm.item.add", body: deal, want: want} }
	deals := func(want string) turn {
		if want != "<closed>" {
			want = `{"total":` + want + `}`
		}
		return turn{send: "crm.item.list", body: `{"entityTypeId":2}`, want: want}
	}
	of := func(name, faults string, turns ...turn) claim {
		return claim{name: name, cfg: Config{Faults: faults}, turns: turns}
	}
	const (
		added   = `{"result":{"item":{"id":1,"title":"A"}}}`
		closed  = `<closed>`
		changed = `{"result":{"item":{"id":1,"title":"A","updatedBy":1,"opportunity":5}}}`
	)
	get := func(want string) turn {
		return turn{send: "crm.item.get", body: `{"entityTypeId":2,"id":1}`, want: want}
	}
	return []claim{
		of("fault drop-after: a timeout after the commit", "drop-after:*.add", add(closed), deals("1")),
		of("fault drop-before: a timeout before it", "drop-before:*.add", add(closed), deals("0")),
		of("fault reset", "reset:*.add,when=after,n=1;reset:*.add", add(closed), add(closed), deals("1")),
		of("fault delay", "delay:server.time,for=2m", turn{send: "server.time", want: `{"result":"2000-01-01T03:02:00+03:00"}`}),
		of("fault 500", "500:*.add", add(`500 html <html>`), deals("0")),
		of("fault 502", "502:*.add", add(`502 html <html>`), deals("0")),
		of("fault 504, executed", "504:*.add,when=after", add(`504 html <html>`), deals("1")),
		of("fault 503: a burst", "503:*.add,n=2", turn{n: 2, send: "crm.item.add", body: deal, want: `503 {"error":"QUERY_LIMIT_EXCEEDED"}`}, add(added)),
		of("fault 429", "429:*.add,n=1", add(`429 {"error":"OPERATION_TIME_LIMIT"}`), deals("0"), add(added)),
		of("fault expired-token", "expired-token:*.add,n=1", add(`401 {"error":"expired_token"}`), deals("0"), add(added)),
		of("fault truncated", "truncated:*.add", add(`{"result":{"item":{"id":1`), deals("1")),
		of("fault wrong-type", "wrong-type:*.add", add(`html `+added), deals("1")),
		of("fault fail", "fail:*.add,code=ACCESS_DENIED,status=403", add(`403 {"error":"ACCESS_DENIED"}`), deals("0")),
		of("fault lose-field", "lose-field:*.add,field=title", add(`{"result":{"item":{"title":"Deal #1"}}}`)),
		of("fault late: executed after the client has gone", "late:*.add,for=5s", add(closed), deals("0"),
			turn{wait: 6 * time.Second, send: "crm.item.list", body: `{"entityTypeId":2}`, want: `{"total":1}`}),
		of("fault outage", "outage:*.add,for=5s,n=1", add(closed), deals(closed),
			turn{wait: 5 * time.Second, send: "crm.item.add", body: deal, want: added}),
		of("fault late-visible", "late-visible:*.add,for=5s", add(added), deals("0"), get(`400 {"error":"NOT_FOUND"}`),
			turn{send: "crm.item.update", body: change, want: changed},
			turn{wait: 5 * time.Second, send: "crm.item.list", body: `{"entityTypeId":2}`, want: `{"total":1}`}),
		of("fault lose-mark", "lose-mark", turn{send: "crm.item.add", body: `{"entityTypeId":2,"fields":{"originId":"a","originatorId":"b"}}`,
			want: `{"result":{"item":{"originId":null,"originatorId":null}}}`}),
		of("fault keep-list: the answer echoes what was not done", "keep-list,field=observers",
			turn{send: "crm.item.add", body: `{"entityTypeId":2,"fields":{"observers":[2]}}`, want: `{"result":{"item":{"observers":[2]}}}`},
			turn{send: "crm.item.update", body: `{"entityTypeId":2,"id":1,"fields":{"observers":[]}}`, want: `{"result":{"item":{"observers":null}}}`},
			get(`{"result":{"item":{"observers":[2]}}}`)),
		of("fault localized: other texts, the same codes", "localized",
			get(`400 {"error":"NOT_FOUND","error_description":"Element nicht gefunden"}`),
			turn{send: "crm.item.get", body: `{"entityTypeId":2}`, want: `400 {"error":"100","error_description":"Fehler: Could not find value for parameter {id}"}`}),
		of("fault robot: it changes what was saved, unseen by the answer", "robot:*.update,field=title,to=R",
			add(added), turn{wait: time.Hour, send: "crm.item.update", body: change, want: changed},
			get(`{"result":{"item":{"title":"R","opportunity":5,"updatedTime":"2000-01-01T04:00:00+03:00"}}}`)),
		of("fault foreign: what the caller read is stale", "foreign:*.update,field=title,to=F",
			add(added), get(`{"result":{"item":{"title":"A","updatedBy":1,"updatedTime":"2000-01-01T03:00:00+03:00"}}}`),
			turn{wait: time.Hour, send: "crm.item.update", body: `{"entityTypeId":2,"id":1,"fields":{}}`,
				want: `{"result":{"item":{"title":"F","updatedBy":2,"updatedTime":"2000-01-01T04:00:00+03:00"}}}`},
			turn{send: "crm.item.update", body: change, want: `{"result":{"item":{"title":"F","opportunity":5,"updatedBy":1}}}`}),
	}
}
