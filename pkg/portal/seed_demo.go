package portal

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// The demo records: people's own data, which no tool put there and none may
// touch.
var (
	demoCompanies = []struct{ title, kind, industry, phone, site string }{
		{"Nordwind Logistics GmbH", "CUSTOMER", "DELIVERY", "+49 40 5550 1100", "https://nordwind.example"},
		{"Baltic Timber OÜ", "SUPPLIER", "MANUFACTURING", "+372 555 0142", "https://baltictimber.example"},
		{"Carrow & Finch Ltd", "CUSTOMER", "CONSULTING", "+44 20 7946 0102", "https://carrowfinch.example"},
		{"Iberia Solar S.L.", "CUSTOMER", "MANUFACTURING", "+34 91 555 0177", "https://iberiasolar.example"},
		{"Helvetia Data AG", "PARTNER", "IT", "+41 44 555 01 20", "https://helvetiadata.example"},
		{"Atelier Moreau SARL", "CUSTOMER", "ENTERTAINMENT", "+33 1 55 50 01 63", "https://moreau.example"},
	}
	demoContacts = []struct {
		name, lastName, post, email string
		company                     int
	}{
		{"Katrin", "Brandt", "Head of Purchasing", "k.brandt@nordwind.example", 1},
		{"Jonas", "Reuter", "Fleet Manager", "j.reuter@nordwind.example", 1},
		{"Maarja", "Tamm", "Sales Manager", "maarja.tamm@baltictimber.example", 2},
		{"Edmund", "Finch", "Partner", "edmund@carrowfinch.example", 3},
		{"Lucía", "Navarro", "Technical Director", "lnavarro@iberiasolar.example", 4},
		{"Reto", "Ammann", "Alliance Manager", "reto.ammann@helvetiadata.example", 5},
		{"Camille", "Moreau", "Owner", "camille@moreau.example", 6},
	}
	demoDeals = []struct {
		title, stage, amount string
		company, contact     int
		partners             bool
	}{
		{"Telematics for 40 trucks", "EXECUTING", "38400", 1, 2, false},
		{"Warehouse scanners, second site", "PREPARATION", "12750.50", 1, 1, false},
		{"Annual support 2026", "NEW", "9600", 3, 4, false},
		{"Monitoring for the Cádiz plant", "FINAL_INVOICE", "54200", 4, 5, false},
		{"Ticketing for the gallery", "WON", "4350", 6, 7, false},
		{"Pilot project", "LOSE", "2500", 3, 4, false},
		{"Reseller agreement DACH", "PREPARATION", "0", 5, 6, true},
		{"Joint webinar series", "NEW", "1800", 5, 6, true},
	}
)

// seedDemo adds a pipeline "Partners" and the demo records, through the same
// code that the methods use.
func (s *store) seedDemo(ctx context.Context) error {
	partners, err := s.addCategory(ctx, category{etid: 2, name: "Partners", sort: 400})
	if err != nil {
		return err
	}
	var companies, contacts []string
	for _, c := range demoCompanies {
		id, err := s.seedItem(ctx, 4, "title", c.title, "typeId", c.kind, "industry", c.industry,
			"fm", fmList("PHONE", c.phone, "WEB", c.site))
		if err != nil {
			return err
		}
		companies = append(companies, id)
	}
	for _, c := range demoContacts {
		id, err := s.seedItem(ctx, 3, "name", c.name, "lastName", c.lastName, "post", c.post,
			"companyIds", []any{companies[c.company-1]}, "fm", fmList("EMAIL", c.email))
		if err != nil {
			return err
		}
		contacts = append(contacts, id)
	}
	for _, d := range demoDeals {
		stage, cat := d.stage, int64(0)
		if d.partners {
			stage, cat = fmt.Sprintf("C%d:%s", partners.id, d.stage), partners.id
		}
		_, err := s.seedItem(ctx, 2, "title", d.title, "categoryId", json.Number(strconv.FormatInt(cat, 10)), "stageId", stage,
			"opportunity", d.amount, "isManualOpportunity", "Y",
			"companyId", companies[d.company-1], "contactIds", []any{contacts[d.contact-1]})
		if err != nil {
			return err
		}
	}
	return nil
}

// seedItem adds an item with pairs of field and value, and returns its id.
func (s *store) seedItem(ctx context.Context, etid int64, pairs ...any) (string, error) {
	e, err := s.entity(ctx, etid)
	if err != nil {
		return "", err
	}
	fields := new(Map)
	for i := 0; i+1 < len(pairs); i += 2 {
		fields.Set(pairs[i].(string), pairs[i+1])
	}
	rec, err := s.add(ctx, e, fields, mode{})
	if err != nil {
		return "", err
	}
	return strconv.FormatInt(rec.id, 10), nil
}

// fmList builds an fm value from pairs of type and value.
func fmList(pairs ...string) []any {
	var list []any
	for i := 0; i+1 < len(pairs); i += 2 {
		m := wrap("typeId", pairs[i])
		m.Set("valueType", "WORK")
		m.Set("value", strings.TrimSpace(pairs[i+1]))
		list = append(list, m)
	}
	return list
}
