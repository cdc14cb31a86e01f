package compare

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/value"
)

// identColumns are the columns of requisites and bank details that hold such numbers.
// Source: api-reference/crm/requisites/universal/index.md,
// api-reference/crm/requisites/bank-detail/index.md.
var identColumns = []string{
	"RQ_INN", "RQ_KPP", "RQ_IFNS", "RQ_OGRN", "RQ_OGRNIP", "RQ_OKPO", "RQ_OKTMO", "RQ_EDRPOU", "RQ_DRFO", "RQ_KBE", "RQ_IIN", "RQ_BIN",
	"RQ_VAT_ID", "RQ_USRLE", "RQ_REGON", "RQ_KRS", "RQ_PESEL", "RQ_SIRET", "RQ_SIREN", "RQ_CNPJ", "RQ_STATE_REG", "RQ_MNPL_REG", "RQ_CPF",
	"RQ_BANK_CODE", "RQ_BANK_ROUTE_NUM", "RQ_BIK", "RQ_MFO", "RQ_ACC_NUM", "RQ_IIK", "RQ_COR_ACC_NUM", "RQ_IBAN", "RQ_SWIFT", "RQ_BIC",
	"RQ_CODEB", "RQ_CODEG", "RQ_RIB",
}

// sameDetail compares the values of one column of requisites or bank details.
func sameDetail(wire, a, b string) bool {
	return a == b || slices.Contains(identColumns, wire) && value.SameIdent(a, b)
}
