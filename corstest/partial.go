package corstest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"
)

// checkPartial asks again for what the application has told the page of: whether there is something
// newer, and for parts. Other layers than the handler often answer that.
func (p *probe) checkPartial(t testing.TB, actual *reply) {
	isGet := p.route.Method == http.MethodGet
	if len(p.findings) > 0 || actual.status != http.StatusOK ||
		!isGet && p.route.Method != http.MethodHead { // others have neither 304 nor parts
		return
	}
	conditions := http.Header{}
	for condition, validator := range map[string]string{
		"If-None-Match": "Etag", "If-Modified-Since": "Last-Modified",
	} {
		if value := actual.header.Get(validator); value != "" {
			conditions.Set(condition, value)
		}
	}
	if len(conditions) > 0 {
		p.checkPart(t, conditionalLoses, conditions, http.StatusNotModified)
	}
	if isGet && actual.header.Get("Accept-Ranges") == "bytes" {
		beyond := fmt.Sprintf("bytes=%d-", len(actual.body))
		for _, ranges := range []string{"bytes=0-0", beyond} {
			p.checkPart(t, rangeLoses, http.Header{"Range": {ranges}},
				http.StatusPartialContent, http.StatusRequestedRangeNotSatisfiable)
		}
	}
}

// checkPart sends the request with some fields more, and compares the answer with the policy if it
// has one of the statuses.
func (p *probe) checkPart(t testing.TB, m mistake, more http.Header, statuses ...int) {
	header := p.header(p.route.Origin)
	maps.Copy(header, more)
	got := p.ask(t, p.route.Method, "", header)
	if got == nil || !slices.Contains(statuses, got.status) {
		return
	}
	_, want := p.expect(p.route.Method, header)
	var compared probe
	compared.compareFields(fmt.Sprintf("the %d", got.status), got.header, want)
	if len(compared.findings) > 0 {
		p.found(m, "%s", compared.findings[0].seen)
	}
}
