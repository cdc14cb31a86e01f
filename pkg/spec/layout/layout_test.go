package layout

import "testing"

func TestLinesLayOut(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"nothing", "\n\n", ""},
		{"ends of lines", "\ufeffa: 1  \r\n\r\n\r\n\r\nb: 2\t\r\n\r\n", "a: 1\n\nb: 2\n"},
		{"levels", "a:\n    b:\n        c: 1\n    d: 2\n", "a:\n  b:\n    c: 1\n  d: 2\n"},
		{"lists below their key", "a:\n- 1\n-   2\nb:\n    - x: 1\n      y: 2\n", "a:\n  - 1\n  - 2\nb:\n  - x: 1\n    y: 2\n"},
		{"lists of lists and maps", "-   - 1\n    - 2\n-   a: 1\n    b:\n      - 3\n-\n    c: 1\n", "- - 1\n  - 2\n- a: 1\n  b:\n    - 3\n-\n  c: 1\n"},
		{"comments", "# head\na:\n    # of b\n    b: 1 # beside\n    # behind b\n# of c\nc: 2\n# end\n", "# head\na:\n  # of b\n  b: 1 # beside\n  # behind b\n# of c\nc: 2\n# end\n"},
		{"texts of several lines", "a:\n    t: |\n        one\n\n          two\n\n    u: >-\n     x\nb: 1\n", "a:\n  t: |\n    one\n\n      two\n\n  u: >-\n    x\nb: 1\n"},
		{"a text whose indent is given", "a:\n    t: |2\n        two more\n    u: 1\n", "a:\n  t: |2\n      two more\n  u: 1\n"},
		{"a text that keeps its blank lines", "t: |+\n  x\n\n\nu: 1\n", "t: |+\n  x\n\n\nu: 1\n"},
		{"brackets", "a: {b: 1,\n      c: [1,\n    2]\n}\nd: [\n  1,\n  ]\n", "a: {b: 1,\n  c: [1,\n    2]\n}\nd: [\n  1,\n]\n"},
		{"quotes", "a: \"one # no comment\n     two: 2\"\nb: 'it''s\n  - x'\nc: it's\nd: 1\n", "a: \"one # no comment\n  two: 2\"\nb: 'it''s\n  - x'\nc: it's\nd: 1\n"},
		{"documents", "---\na:\n    b: 1\n---\nc:\n    d: 1\n...\n", "---\na:\n  b: 1\n---\nc:\n  d: 1\n...\n"},
		{"no sign", "a: x |\nb:\n    c: 1\n", "a: x |\nb:\n  c: 1\n"},
		{"a tag before a text", "a: !x |\n    y\n", "a: !x |\n  y\n"},
	} {
		got := Lines(tc.in)
		if got != tc.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tc.name, got, tc.want)
		}
		if again := Lines(got); again != got {
			t.Errorf("%s: a second time gives\n%s", tc.name, again)
		}
	}
}
