package bitrix

import (
	"net/url"
	"slices"
	"strings"
)

// cloudZones are the domains below which Bitrix24's cloud has its portals, one name deep:
// acme.bitrix24.com. Sites that users publish have other domains.
// Source: the regions that https://www.bitrix24.com and https://www.bitrix24.ru lead to.
var cloudZones = []string{
	"bitrix24.com", "bitrix24.eu", "bitrix24.de", "bitrix24.fr", "bitrix24.es", "bitrix24.it", "bitrix24.pl", "bitrix24.uk",
	"bitrix24.com.br", "bitrix24.mx", "bitrix24.co", "bitrix24.com.tr", "bitrix24.in", "bitrix24.cn", "bitrix24.jp", "bitrix24.id", "bitrix24.vn",
	"bitrix24.ru", "bitrix24.by", "bitrix24.kz", "bitrix24.ua",
}

// IsCloud tells whether a host, with or without the port of https, is a portal of
// Bitrix24's cloud.
func IsCloud(host string) bool {
	u := &url.URL{Host: host}
	if u.Port() != "" && u.Port() != "443" {
		return false
	}
	name, zone, _ := strings.Cut(strings.ToLower(u.Hostname()), ".")
	return name != "" && slices.Contains(cloudZones, zone)
}
