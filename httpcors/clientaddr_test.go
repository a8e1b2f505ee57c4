//go:build !race

package httpcors

import (
	"net/http/httptest"
	"net/netip"
	"testing"
)

var addrSink netip.Addr

// Observers may ask of every request, over whatever it came.
func TestClientAddrDoesNotAllocate(t *testing.T) {
	for _, remote := range []string{"@", "", "192.0.2.1:1234", "[2001:db8::1]:1234", "[::ffff:192.0.2.1]:1234"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = remote
		if got := testing.AllocsPerRun(100, func() { addrSink = source{r}.ClientAddr() }); got != 0 {
			t.Errorf("%q: got %v allocations, want none", remote, got)
		}
	}
}
