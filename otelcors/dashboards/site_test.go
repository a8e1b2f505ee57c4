// Package dashboards has only tests: of the dashboard, the alert rules and the Collector's configuration in this
// directory.
package dashboards

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/model/value"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/metric"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
	"github.com/corselet/corselet/otelcors"
)

const (
	job            = "notes"
	scrapeInterval = 30 * time.Second

	// scrapeAccept is what Prometheus 3 asks for.
	scrapeAccept = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5," +
		"text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,*/*;q=0.1"
)

// site is an application of several processes, with a Prometheus server that scrapes them. Its time is that of a
// synctest bubble, so hours pass at once, and everything in it takes exactly as long as it says.
type site struct {
	t         *testing.T
	processes []*process
	stored    series
}

// process is one replica: a real observer on a real SDK behind real policies.
type process struct {
	site     *site
	instance string
	observer *otelcors.Observer
	metrics  http.Handler
	events   keptRecords
	last     map[string]labels.Labels // of the last scrape
}

func newSite(t *testing.T) *site { return &site{t: t, stored: series{}} }

func (s *site) start(instance string, opts ...metric.Option) *process {
	s.t.Helper()
	registry := prometheus.NewRegistry()
	reader, err := exporter.New(exporter.WithRegisterer(registry))
	if err != nil {
		s.t.Fatal(err)
	}
	p := &process{site: s, instance: instance}
	p.metrics = promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true})
	p.observer, err = otelcors.New(
		otelcors.WithMeterProvider(metric.NewMeterProvider(append(opts, metric.WithReader(reader))...)),
		otelcors.WithLoggerProvider(log.NewLoggerProvider(log.WithProcessor(&p.events))),
	)
	if err != nil {
		s.t.Fatal(err)
	}
	s.processes = append(s.processes, p)
	return p
}

// stop ends all processes and marks their series as stale, as Prometheus does for targets that are gone.
func (s *site) stop() {
	for _, p := range s.processes {
		p.store(map[string]labels.Labels{})
	}
	s.processes = nil
}

// run sends the traffic once in every scrape interval, until d has passed.
func (s *site) run(d time.Duration, traffic func()) {
	s.t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); {
		next := time.Now().Add(scrapeInterval)
		traffic()
		time.Sleep(time.Until(next))
		for _, p := range s.processes {
			p.scrape()
		}
	}
}

func (p *process) scrape() {
	t := p.site.t
	t.Helper()
	request := httptest.NewRequest("GET", "/metrics", nil)
	request.Header.Set("Accept", scrapeAccept)
	response := httptest.NewRecorder()
	p.metrics.ServeHTTP(response, request)
	if response.Code != http.StatusOK {
		t.Fatalf("got status %d from a scrape: %s", response.Code, response.Body)
	}
	parser, err := textparse.New(response.Body.Bytes(), response.Header().Get("Content-Type"), labels.NewSymbolTable(),
		textparse.ParserOptions{})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]labels.Labels{}
	for {
		entry, err := parser.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if entry != textparse.EntrySeries {
			continue
		}
		var of labels.Labels
		parser.Labels(&of)
		of = labels.NewBuilder(of).Set("job", job).Set("instance", p.instance).Labels()
		_, _, v := parser.Series()
		p.site.stored.add(of, v)
		seen[of.String()] = of
	}
	p.store(seen)
}

// store records the series of a scrape, and ends those that it no longer has.
func (p *process) store(seen map[string]labels.Labels) {
	for key, of := range p.last {
		if _, ok := seen[key]; !ok {
			p.site.stored.add(of, math.Float64frombits(value.StaleNaN))
		}
	}
	p.last = seen
}

// api is a policy of one process with an application behind it.
type api struct {
	*core.CORS
	http.Handler
}

func (p *process) api(name string, cfg core.Config) api {
	p.site.t.Helper()
	cors, err := core.New(cfg, core.WithName(name), core.WithObserver(p.observer))
	if err != nil {
		p.site.t.Fatal(err)
	}
	return api{cors, httpcors.New(cors)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))}
}

// send sends the request of a browser n times. Further fields come in pairs; an empty one is left out.
func (a api) send(n int, method, origin string, fields ...string) {
	for range n {
		r := httptest.NewRequest(method, "https://api.example/notes", nil)
		r.Header.Set("Origin", origin)
		r.Header.Set("Sec-Fetch-Mode", "cors")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		for i := 0; i < len(fields); i += 2 {
			r.Header.Set(fields[i], fields[i+1])
			if fields[i+1] == "" {
				r.Header.Del(fields[i])
			}
		}
		a.ServeHTTP(httptest.NewRecorder(), r)
	}
}

func (a api) preflight(n int, method, origin string) {
	a.send(n, "OPTIONS", origin, "Access-Control-Request-Method", method)
}

// reload tries another configuration, and checks whether it is accepted.
func (a api) reload(t *testing.T, cfg core.Config, want bool) {
	t.Helper()
	if err := a.Reconfigure(cfg); (err == nil) != want {
		t.Fatalf("got error %v from a reload, want success: %t", err, want)
	}
}

// keptRecords is a log processor that keeps all records.
type keptRecords []log.Record

func (k *keptRecords) OnEmit(_ context.Context, r *log.Record) error {
	*k = append(*k, r.Clone())
	return nil
}

func (k *keptRecords) Enabled(context.Context, log.EnabledParameters) bool { return true }
func (k *keptRecords) Shutdown(context.Context) error                      { return nil }
func (k *keptRecords) ForceFlush(context.Context) error                    { return nil }
