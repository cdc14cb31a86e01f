package value

import "strconv"

// IDNumber is an id as methods of the portal take it; 0 for none.
func IDNumber(id string) int {
	n, _ := strconv.Atoi(id)
	return n
}

// ID is a number of the portal as plans and reports have it; "" for 0.
func ID(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
