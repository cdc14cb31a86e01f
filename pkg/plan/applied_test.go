package plan

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// What is written is read again; equal contents are equal bytes, and another salt gives
// other digests.
func TestAppliedIsReadAsItWasWritten(t *testing.T) {
	traces := []Trace{{EntityTypeID: 2, ID: "9", Field: "title", Value: "A"}, {EntityTypeID: 2, ID: "7", Field: "comments", Value: "B"}}
	a := NewApplied()
	if !a.Add("x.example", traces) || a.Add("x.example", traces) {
		t.Error("the first time it is news, the second time not")
	}
	var first, second bytes.Buffer
	if err := a.Write(&first); err != nil {
		t.Fatal(err)
	}
	read, err := ReadApplied(bytes.NewReader(first.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if err := read.Write(&second); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first.String(), second.String()); diff != "" {
		t.Error(diff)
	}
	for _, tr := range traces {
		if got, known := read.Find("x.example", tr); !known || got != read.Digest("x.example", tr) {
			t.Errorf("%s: known %t, %q", tr.Field, known, got)
		}
		if _, known := read.Find("y.example", tr); known {
			t.Errorf("%s is known on another portal", tr.Field)
		}
		if NewApplied().Digest("x.example", tr) == read.Digest("x.example", tr) {
			t.Errorf("%s has one digest under two salts", tr.Field)
		}
	}
}

func FuzzReadApplied(f *testing.F) {
	a := NewApplied()
	a.Add("x.example", []Trace{{EntityTypeID: 2, ID: "7", Field: "comments", Value: "B"}})
	var b bytes.Buffer
	if err := a.Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.String())
	f.Add(strings.Replace(b.String(), `:1,`, `:2,`, 1))
	f.Add("not json\n")
	f.Fuzz(func(t *testing.T, text string) {
		read, err := ReadApplied(strings.NewReader(text))
		if (read == nil) != (err != nil) {
			t.Errorf("%v, %v", read, err)
		}
	})
}

// Values that are the same to the codec have one digest, whatever answer shows them.
func TestEqualValuesHaveOneDigest(t *testing.T) {
	for _, tc := range []struct {
		name        string
		field       Field
		a, b, other string
	}{
		{"markup", Field{Type: value.Type{Name: "markup"}}, `"<b>A</b> &amp; B\n"`, `"[B]A[/B] & B"`, `"A & B"`},
		{"an amount", Field{Type: value.Type{Name: "double", Places: 2}}, `12.5`, `"12.500001"`, `12.51`},
		{"a set", Field{Type: value.Type{Name: "user", Multiple: true}}, `[3,1]`, `["1","3"]`, `[1]`},
		{"links, the first of which counts", Field{Type: value.Type{Name: "crm_contact", Multiple: true, Primary: true}}, `[3,1,2]`, `[3,2,1]`, `[1,2,3]`},
		{"phones", Field{Name: "phones", Type: value.Type{Name: "crm_multifield", Multi: "PHONE"}},
			`[{"id":1,"typeId":"PHONE","valueType":"WORK","value":"+44 20 7946 0001"}]`, `[{"id":9,"typeId":"PHONE","valueType":"WORK","value":"+442079460001"}]`, `[]`},
		{"e-mails", Field{Name: "emails", Type: value.Type{Name: "crm_multifield", Multi: "EMAIL"}},
			`[{"typeId":"EMAIL","valueType":"WORK","value":"A@b.c"}]`, `[{"typeId":"EMAIL","valueType":"WORK","value":"a@B.c"}]`, `[{"typeId":"EMAIL","valueType":"HOME","value":"a@b.c"}]`},
		{"an instant", Field{Type: value.Type{Name: "datetime"}}, `"2026-01-01T03:00:00+03:00"`, `"2026-01-01T00:00:00Z"`, `"2026-01-01T00:00:00+03:00"`},
		{"a day", Field{Type: value.Type{Name: "date"}}, `"2026-01-01T03:00:00+03:00"`, `"2025-12-31T19:00:00-05:00"`, `"2026-01-02T03:00:00+03:00"`},
		{"numbers", Field{Type: value.Type{Name: "double", Places: 3, Blank: true, Multiple: true}}, `[0.30000000000000004]`, `["0.3000"]`, `[0.31]`},
		{"a number", Field{Type: value.Type{Name: "double", Places: 3, Blank: true}}, `0.30000000000000004`, `"0.3000"`, `0.31`},
		{"product rows", Field{Type: kind.ProductsType("EUR")},
			`[{"id":1,"productName":"A","price":10.5,"quantity":2.5,"taxRate":null,"discountTypeId":2,"discountRate":0,"discountSum":0}]`,
			`[{"id":"1","productName":"A","price":"10.5000","quantity":"2.5000","taxRate":"","discountTypeId":"2","discountRate":"0.00","discountSum":"0.00"}]`,
			`[{"id":1,"productName":"A","price":10.5,"quantity":2.5,"taxRate":0,"discountTypeId":2,"discountRate":0,"discountSum":0}]`},
		{"none", Field{Type: value.Type{Name: "crm_company"}}, `0`, `null`, `1`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			canonical := func(raw string) string {
				v, err := tc.field.Codec().Read([]byte(raw))
				if err != nil {
					t.Fatal(err)
				}
				return tc.field.Codec().Key(v)
			}
			if a, b := canonical(tc.a), canonical(tc.b); a != b {
				t.Errorf("%s is %q, and %s is %q", tc.a, a, tc.b, b)
			}
			if a, other := canonical(tc.a), canonical(tc.other); a == other {
				t.Errorf("%s and %s are both %q", tc.a, tc.other, a)
			}
		})
	}
}
