package flow

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func at(t *testing.T, text, zone string) time.Time {
	t.Helper()
	l, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	out, err := time.ParseInLocation("2006-01-02 15:04", text, l)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func window(t testing.TB, text, zone string) *Window {
	t.Helper()
	l, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	w, err := ParseWindow(text, l)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// A run goes on, waits or ends by its counters and the clock.
func TestJudge(t *testing.T) {
	t.Parallel()
	five, part := Share{N: 5}, Share{Percent: 10, IsPart: true}
	none := Share{}
	noon, evening, night := at(t, "2026-11-30 12:00", "Europe/Berlin"), at(t, "2026-11-30 20:00", "Europe/Berlin"), at(t, "2026-12-01 03:00", "Europe/Berlin")
	nightly := window(t, "20:00-06:00", "Europe/Berlin")
	for name, tc := range map[string]struct {
		limits Limits
		now    time.Time
		count  Count
		code   string
		wait   time.Time
	}{
		"no limits":                            {now: noon, count: Count{10, 10}},
		"fail fast and no failure":             {limits: Limits{FailFast: true}, now: noon, count: Count{10, 0}},
		"fail fast and a failure":              {limits: Limits{FailFast: true}, now: noon, count: Count{10, 1}, code: CodeFailFast},
		"as many failures as are allowed":      {limits: Limits{MaxFailures: &five}, now: noon, count: Count{10, 5}},
		"one more":                             {limits: Limits{MaxFailures: &five}, now: noon, count: Count{10, 6}, code: CodeMaxFailures},
		"no failure is allowed":                {limits: Limits{MaxFailures: &none}, now: noon, count: Count{10, 1}, code: CodeMaxFailures},
		"a tenth":                              {limits: Limits{MaxFailures: &part}, now: noon, count: Count{10, 1}},
		"more than a tenth":                    {limits: Limits{MaxFailures: &part}, now: noon, count: Count{19, 2}, code: CodeMaxFailures},
		"before its time is over":              {limits: Limits{Until: evening}, now: noon},
		"when its time is over":                {limits: Limits{Until: noon}, now: noon, code: CodeMaxDuration},
		"in the window":                        {limits: Limits{Window: nightly}, now: night},
		"as it opens":                          {limits: Limits{Window: nightly}, now: evening},
		"before it opens":                      {limits: Limits{Window: nightly}, now: noon, wait: evening},
		"before it opens, and time goes on":    {limits: Limits{Window: nightly, Until: night}, now: noon, wait: evening},
		"it opens when the time is over":       {limits: Limits{Window: nightly, Until: evening}, now: noon, code: CodeMaxDuration},
		"a failure outside of the window ends": {limits: Limits{Window: nightly, FailFast: true}, now: noon, count: Count{10, 1}, code: CodeFailFast},
	} {
		t.Run(name, func(t *testing.T) {
			got := tc.limits.Judge(tc.now, tc.count)
			if got.Code != tc.code || !got.Wait.Equal(tc.wait) || got.Ends() != (tc.code != "") || got.Ends() == got.Why.IsZero() {
				t.Errorf("got %+v, want code %q and a wait until %v", got, tc.code, tc.wait)
			}
		})
	}
}

// Windows are times of day by the clocks of their zone, summer time and all.
func TestWindows(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		window, zone, now string
		open              bool
		opens             string
	}{
		{"08:00-17:30", "Europe/Berlin", "2026-11-30 07:59", false, "2026-11-30 08:00"},
		{"08:00-17:30", "Europe/Berlin", "2026-11-30 17:29", true, ""},
		{"08:00-17:30", "Europe/Berlin", "2026-11-30 17:30", false, "2026-12-01 08:00"},
		{"20:00-06:00", "Europe/Berlin", "2026-12-31 23:00", true, ""},
		{"20:00-06:00", "Europe/Berlin", "2027-01-01 05:59", true, ""},
		{"20:00-06:00", "Europe/Berlin", "2027-01-01 06:00", false, "2027-01-01 20:00"},
		{"00:00-00:01", "Asia/Almaty", "2026-11-30 00:01", false, "2026-12-01 00:00"},
		{"02:30-02:45", "Europe/Berlin", "2026-03-29 01:00", false, "2026-03-29 02:30"}, // these clocks skip 02:00 to 03:00
		{"02:30-05:00", "Europe/Berlin", "2026-10-25 02:15", false, "2026-10-25 02:30"}, // and these have it twice
	} {
		w := window(t, tc.window, tc.zone)
		now := at(t, tc.now, tc.zone)
		if got := w.Open(now); got != tc.open {
			t.Errorf("%s at %s: open %v", tc.window, tc.now, got)
		}
		if tc.open {
			continue
		}
		if got := w.Opens(now); !got.Equal(at(t, tc.opens, tc.zone)) {
			t.Errorf("%s at %s opens %v, want %s", tc.window, tc.now, got, tc.opens)
		}
	}
	for _, text := range []string{"", "20:00", "20:00-", "20-06", "24:00-06:00", "20:00-20:00", "20:00-06:61", "20:00-06:00-07:00"} {
		if w, err := ParseWindow(text, time.UTC); err == nil {
			t.Errorf("%q is taken for the window %v", text, w)
		}
	}
}

// When a closed window opens it is open, and it was not before.
func TestAWindowIsOpenWhenItOpens(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		w := &Window{from: clock(rapid.IntRange(0, 1439).Draw(t, "from")), to: clock(rapid.IntRange(0, 1439).Draw(t, "to")), zone: zone}
		now := time.Unix(rapid.Int64Range(1.7e9, 1.9e9).Draw(t, "now"), 0)
		if w.from == w.to || w.Open(now) {
			return
		}
		opens := w.Opens(now)
		if !opens.After(now) || !w.Open(opens) {
			t.Fatalf("%v at %v opens at %v, and is open then: %v", w, now, opens, w.Open(opens))
		}
		between := now.Add(time.Duration(rapid.Int64Range(0, int64(opens.Sub(now))-1).Draw(t, "between")))
		if w.Open(between) {
			t.Fatalf("%v is open at %v, before %v", w, between, opens)
		}
	})
}

// The first changes are spread over all that are not alike, and are always the same.
func TestCanary(t *testing.T) {
	t.Parallel()
	like := strings.Split("a a b  a c b c", " ")
	for n, want := range map[int][]int{0: nil, 1: {0}, 2: {0, 2}, 3: {0, 2, 5}, 4: {0, 1, 2, 5}, 7: {0, 1, 2, 4, 5, 6, 7}, 100: {0, 1, 2, 4, 5, 6, 7}} {
		if diff := cmp.Diff(want, Canary(n, like)); diff != "" {
			t.Errorf("%d: %s", n, diff)
		}
	}
}

// Waves go by the numbers in their labels, and what has none goes last.
func TestWaves(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		labels string
		want   []int
		waves  int
	}{
		{"", []int{0}, 1},
		{",,", []int{0, 0, 0}, 1},
		{"2,10,1,,2", []int{1, 2, 0, 3, 1}, 4},
		{"pilot,wave-2,wave-10,wave-1", []int{0, 2, 3, 1}, 4},
		{"2,02,b,a", []int{0, 1, 3, 2}, 4},
		{"99999999999999999999,1", []int{1, 0}, 2},
	} {
		got, waves := Waves(strings.Split(tc.labels, ","))
		if !slices.Equal(got, tc.want) || waves != tc.waves {
			t.Errorf("%q: %v of %d, want %v of %d", tc.labels, got, waves, tc.want, tc.waves)
		}
	}
}

func TestShares(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"0": "0", "10": "10", "5%": "5%", "2.5%": "2.5%", "-1": "", "1.5": "", "101%": "", "NaN%": "", "": "", "%": ""} {
		s, err := ParseShare(text)
		if got := s.String(); err == nil && got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %v, %v", text, s, err)
		}
	}
}
