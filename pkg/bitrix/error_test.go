package bitrix

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestErrorsAreReadInEveryShape(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		want       Error
	}{
		{"text code", `{"error":"NOT_FOUND","error_description":"Item not found"}`, Error{Code: "NOT_FOUND", Description: "Item not found"}},
		{"empty code", `{"error":"","error_description":"Not found"}`, Error{Description: "Not found"}},
		{"number zero", `{"error":0,"error_description":"x"}`, Error{Code: "0", Description: "x"}},
		{"text zero", `{"error":"0","error_description":"x"}`, Error{Code: "0", Description: "x"}},
		{"text number", `{"error":"100","error_description":"x"}`, Error{Code: "100", Description: "x"}},
		{"long number", `{"error":200040300010,"error_description":"x"}`, Error{Code: "200040300010", Description: "x"}},
		{"argument", `{"error":"ERROR_ARGUMENT","error_description":"x","argument":"ID"}`, Error{Code: "ERROR_ARGUMENT", Description: "x", Argument: "ID"}},
		{"no description", `{"error":"ERROR_CORE"}`, Error{Code: "ERROR_CORE"}},
		{"odd description", `{"error":"X","error_description":["a"]}`, Error{Code: "X", Description: `["a"]`}},
		{"rest v3", `{"error":{"code":"BITRIX_REST_V3_EXCEPTION_VALIDATION","message":"Bad","validation":[{"field":"title","message":"required"}]}}`,
			Error{Code: "BITRIX_REST_V3_EXCEPTION_VALIDATION", Description: "Bad\ntitle: required"}},
		{"error beside a result", `{"result":[],"error":"X"}`, Error{Code: "X"}},
		{"result under a refusing status", `{"result":null}`, Error{}},
		{"secret repeated", `{"error":"X","error_description":"POST ` + webhook + `"}`, Error{Code: "X", Description: "POST https://acme.example/rest/1/***/"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := &wire{answer: func(int, string, Params) (*http.Response, error) { return reply(400, tc.body), nil }}
			_, err := newClient(t, w).Call(t.Context(), "crm.item.get", nil)
			var got *Error
			if !errors.As(err, &got) {
				t.Fatalf("got %v", err)
			}
			tc.want.Method, tc.want.Portal, tc.want.Status = "crm.item.get", "acme.example", 400
			if diff := cmp.Diff(&tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestErrorReadsWellAloud(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want string
	}{
		{&Error{Method: "crm.item.add", Portal: "acme.example", Status: 400, Code: "CRM_FIELD_ERROR_REQUIRED", Description: "Field “Amount” is required"},
			"crm.item.add on acme.example: Field “Amount” is required (CRM_FIELD_ERROR_REQUIRED)"},
		{&Error{Method: "crm.status.add", Portal: "acme.example", Status: 400, Description: "First.<br>Second.\n"},
			"crm.status.add on acme.example: First.; Second."},
		{&Error{Method: "crm.item.get", Portal: "acme.example", Status: 400, Code: "0", Description: "Wrong."}, "crm.item.get on acme.example: Wrong."},
		{&Error{Method: "crm.item.get", Portal: "acme.example", Status: 400, Code: "X", Argument: "id"}, "crm.item.get on acme.example: X, parameter id"},
		{&Error{Method: "crm.item.get", Portal: "acme.example", Status: 403},
			"crm.item.get on acme.example: the portal refused it without a reason (HTTP 403 Forbidden)"},
		{&UnknownOutcome{Method: "crm.item.add", Portal: "acme.example", Cause: &Error{Method: "crm.item.add", Portal: "acme.example", Status: 500, Code: "INTERNAL_SERVER_ERROR", Description: "Oops"}},
			"crm.item.add on acme.example: it may have been executed, its answer is lost: Oops (INTERNAL_SERVER_ERROR)"},
		{&UnknownOutcome{Method: "crm.item.add", Portal: "acme.example", Cause: errors.New("no answer within 1m15s")},
			"crm.item.add on acme.example: it may have been executed, its answer is lost: no answer within 1m15s"},
		{&Unreachable{Portal: "acme.example", Cause: errors.New("connection refused")}, "cannot reach portal acme.example: connection refused"},
	} {
		if got := tc.err.Error(); got != tc.want {
			t.Errorf("got  %s\nwant %s", got, tc.want)
		}
	}
}

func TestConnectionErrorsAreShortAndHoldNoAddress(t *testing.T) {
	e, err := parseWebhook(webhook)
	if err != nil {
		t.Fatal(err)
	}
	closed := "the connection was closed before the answer was complete"
	for _, tc := range []struct {
		err  error
		want string
	}{
		{&url.Error{Op: "Post", URL: webhook, Err: errReset}, "connection reset by peer"},
		{fmt.Errorf("proxy: %w", &url.Error{Op: "Post", URL: webhook, Err: io.EOF}), closed},
		{io.ErrUnexpectedEOF, closed},
		{&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "acme.example", Server: "10.0.0.1:53"}}, "its name does not resolve: no such host"},
		{errors.New("cannot post to " + webhook), "the connection failed (the details hold the credential and are not shown)"},
		{errors.New("something else"), "something else"},
	} {
		got := e.plain(tc.err)
		if got.Error() != tc.want {
			t.Errorf("got  %s\nwant %s", got, tc.want)
		}
		for ; got != nil; got = errors.Unwrap(got) {
			if strings.Contains(got.Error(), canary) {
				t.Errorf("a cause shows the secret: %v", got)
			}
		}
	}
}

func TestEveryErrorOfTheWaySaysWhatToDo(t *testing.T) {
	for _, err := range []interface {
		Hint() (string, map[string]string)
	}{&UnknownOutcome{}, &Unreachable{}, &Error{Code: "INVALID_CREDENTIALS"}} {
		if code, _ := err.Hint(); code == "" {
			t.Errorf("%T has no hint", err)
		}
	}
}

func TestErrorsAreToldApartByCodeBeforeStatus(t *testing.T) {
	type want struct{ Auth, Missing, Rate, Hint bool }
	for _, tc := range []struct {
		err  Error
		want want
	}{
		{Error{Status: 401, Code: "INVALID_CREDENTIALS"}, want{Auth: true, Hint: true}},
		{Error{Status: 403, Code: "INVALID_CREDENTIALS"}, want{Auth: true, Hint: true}},
		{Error{Status: 401, Code: "NO_AUTH_FOUND"}, want{Auth: true, Hint: true}},
		{Error{Status: 401, Code: "expired_token"}, want{Auth: true, Hint: true}},
		{Error{Status: 401, Code: "invalid_token"}, want{Auth: true, Hint: true}},
		{Error{Status: 200, Code: "insufficient_scope"}, want{Auth: true, Hint: true}},
		{Error{Status: 401, Code: "user_access_error"}, want{Auth: true, Hint: true}},
		{Error{Status: 403, Code: "ACCESS_DENIED"}, want{Auth: true, Hint: true}},
		{Error{Status: 401, Code: "ACCESS_DENIED"}, want{Auth: true, Hint: true}},
		{Error{Status: 400, Code: "ACCESS_DENIED"}, want{Hint: true}},
		{Error{Status: 200, Code: "ACCESS_DENIED"}, want{Hint: true}},
		{Error{Status: 401}, want{Auth: true}},
		{Error{Status: 403}, want{}},
		{Error{Status: 400, Code: "NOT_FOUND"}, want{Missing: true}},
		{Error{Status: 404, Code: "ERROR_METHOD_NOT_FOUND"}, want{Hint: true}},
		{Error{Status: 404}, want{}},
		{Error{Status: 503, Code: "QUERY_LIMIT_EXCEEDED"}, want{Rate: true, Hint: true}},
		{Error{Status: 200, Code: "OPERATION_TIME_LIMIT"}, want{Rate: true, Hint: true}},
		{Error{Status: 429}, want{Rate: true}},
		{Error{Status: 503}, want{}},
		{Error{Status: 400, Code: "100"}, want{}},
	} {
		err := fmt.Errorf("fetch deals: %w", &tc.err)
		got := want{IsAuth(err), IsNotFound(err), IsRateLimit(err), codes[tc.err.Code].hint != ""}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%d %q: -want +got:\n%s", tc.err.Status, tc.err.Code, diff)
		}
	}
	if err := errors.New("x"); IsAuth(err) || IsNotFound(err) || IsRateLimit(err) {
		t.Error("an error of someone else was taken for the portal's")
	}
}

func TestEffectIsToldByTheMethodsName(t *testing.T) {
	for _, tc := range []struct {
		effect  Effect
		methods string
	}{
		{Read, "crm.item.get crm.item.list crm.item.fields crm.type.getByEntityTypeId crm.status.entity.items crm.enum.ownertype " +
			"userfieldconfig.getTypes user.current profile scope methods method.get server.time CRM.ITEM.LIST crm.item.get.json"},
		{Repeatable, "crm.item.delete crm.address.delete userfieldconfig.delete " +
			"im.notify.read.list im.v2.Event.get imbot.v2.Event.get"},
		{Once, "crm.item.update crm.item.productrow.set crm.status.update crm.currency.base.set crm.item.add crm.item.import crm.item.batchImport crm.type.add batch event.offline.get biconnector.dataset.fields.update " +
			"disk.file.getExternalLink bizproc.workflow.start unheard.of.getsomething list.add widget"},
	} {
		for method := range strings.FieldsSeq(tc.methods) {
			if got := EffectOf(method); got != tc.effect {
				t.Errorf("%s: got %d, want %d", method, got, tc.effect)
			}
		}
	}
}

func TestSomeRefusalsReachNoFurtherThanTheirMethod(t *testing.T) {
	for _, tc := range []struct {
		method, code string
		status       int
		want         bool
	}{
		{"user.get", "insufficient_scope", 401, true}, {"crm.item.list", "insufficient_scope", 403, false}, {"batch", "insufficient_scope", 403, false},
		{"crm.type.list", "ACCESS_DENIED", 403, true}, {"crm.type.list", "ACCESS_DENIED", 401, false}, {"batch", "ACCESS_DENIED", 403, false},
		{"crm.item.list", "METHOD_CONFIRM_DENIED", 200, true}, {"crm.item.list", "expired_token", 401, false}, {"crm.item.list", "NOT_FOUND", 400, false},
	} {
		err := fmt.Errorf("read: %w", &Error{Method: tc.method, Code: tc.code, Status: tc.status})
		if got := IsOfMethod(err); got != tc.want {
			t.Errorf("%s %s %d: %v", tc.method, tc.code, tc.status, got)
		}
	}
	if IsOfMethod(errors.New("x")) {
		t.Error("another error is of a method")
	}
}
