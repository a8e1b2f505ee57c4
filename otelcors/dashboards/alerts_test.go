package dashboards

import (
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"go.opentelemetry.io/otel/sdk/metric"

	"github.com/corselet/corselet/core"
)

const (
	app   = "https://app.example"
	other = "https://stranger.example"
)

var appPolicy = core.Config{
	Origins:        []string{app},
	Methods:        []string{"PUT"},
	RequestHeaders: []string{"Content-Type"},
	MaxAge:         10 * time.Minute,
}

// otherPolicy lacks the front end.
var otherPolicy = core.Config{Origins: []string{"https://www.app.example"}, Methods: []string{"PUT"}}

// invalidPolicy is refused: missing_scheme.
var invalidPolicy = core.Config{Origins: []string{"app.example"}}

// users is the traffic of one scrape interval of a front end that makes good use of the browsers' preflight cache.
func (a api) users() {
	a.preflight(1, "PUT", app)
	a.send(9, "PUT", app)
	a.send(10, "GET", app)
}

// scripts is the traffic of clients that are no browsers, and send Origin and a token, some of them with preflights.
func (a api) scripts() {
	script := []string{"Sec-Fetch-Mode", "", "Sec-Fetch-Site", ""}
	a.send(100, "GET", app, append(script, "Authorization", "Bearer x")...)
	a.send(50, "OPTIONS", app, append(script, "Access-Control-Request-Method", "PUT")...)
	a.send(50, "PUT", app, script...)
}

// plainHTTP is the traffic of Chromium on plain http.
func (a api) plainHTTP() {
	a.send(50, "OPTIONS", app, "Sec-Fetch-Site", "", "Access-Control-Request-Method", "PUT")
	a.send(50, "PUT", app, "Sec-Fetch-Mode", "", "Sec-Fetch-Site", "")
}

const (
	denialRatio      = `{alertname="CORSDenialRatioHigh", cors_policy_name="public", job="notes", severity="warning"}`
	everythingDenied = `{alertname="CORSEverythingDenied", cors_policy_name="public", job="notes", severity="critical"}`
	reloadFailed     = `{alertname="CORSPolicyReloadFailed", error_type="missing_scheme", instance="a", job="notes", ` +
		`severity="warning"}`
	cacheIneffective = `{alertname="CORSPreflightCacheIneffective", cors_policy_name="public", job="notes", ` +
		`severity="info"}`
	metricOverflow = `{alertname="CORSMetricOverflow", instance="a", job="notes", severity="warning"}`
)

var scenarios = []struct {
	name string
	play func(s *site)
	want []string // alerts that fire at some time, and no others
}{
	{"a healthy application with some other origins, a reload and a rolling deploy", func(s *site) {
		a := s.start("a").api("public", appPolicy)
		b := s.start("b").api("public", appPolicy)
		traffic := func() { a.users(); b.users(); a.send(1, "GET", other) }
		s.run(time.Hour, traffic)
		a.reload(s.t, appPolicy, true)
		s.run(time.Hour, traffic)
		s.stop()
		a = s.start("c").api("public", appPolicy)
		b = s.start("d").api("public", appPolicy)
		s.run(time.Hour, traffic)
	}, nil},
	{"a scanner that sends what no browser sends", func(s *site) {
		a := s.start("a").api("public", appPolicy)
		s.run(time.Hour, func() { a.users(); a.send(100, "GET", "HTTPS://APP.EXAMPLE/") })
	}, nil},
	{"only other origins on an application without users", func(s *site) {
		a := s.start("a").api("public", appPolicy)
		s.run(time.Hour, func() { a.send(1, "GET", other) })
	}, nil},
	{"only other origins after the users have gone home", func(s *site) {
		a := s.start("a").api("public", appPolicy)
		s.run(time.Hour, func() { a.users(); a.send(1, "GET", other) })
		s.run(time.Hour, func() { a.send(1, "GET", other) })
	}, nil},
	{"a front end that uses a method which the policy does not list", func(s *site) {
		a := s.start("a").api("public", appPolicy)
		s.run(time.Hour, func() { a.users(); a.preflight(5, "PATCH", app) })
	}, []string{denialRatio}},
	{"a deploy that drops the front end", func(s *site) {
		a := s.start("a").api("public", appPolicy)
		s.run(time.Hour, func() { a.users() })
		s.stop()
		a = s.start("b").api("public", otherPolicy)
		s.run(time.Hour, func() { a.preflight(9, "PUT", app); a.send(10, "GET", app) })
	}, []string{denialRatio, everythingDenied}},
	{"a reload that drops the front end", func(s *site) {
		a := s.start("a").api("public", appPolicy)
		s.run(time.Hour, func() { a.users() })
		a.reload(s.t, otherPolicy, true)
		s.run(time.Hour, func() { a.preflight(9, "PUT", app); a.send(10, "GET", app) })
	}, []string{denialRatio, everythingDenied}},
	{"the first reload of a process, which fails", func(s *site) {
		a := s.start("a").api("public", appPolicy)
		s.run(time.Hour, func() { a.users() })
		a.reload(s.t, invalidPolicy, false)
		s.run(time.Hour, func() { a.users() })
	}, []string{reloadFailed}},
	{"browsers that may not cache", func(s *site) {
		policy := appPolicy
		policy.MaxAge = -1
		a := s.start("a").api("public", policy)
		s.run(2*time.Hour, func() { a.preflight(9, "PUT", app); a.send(9, "PUT", app); a.send(10, "GET", app) })
	}, []string{cacheIneffective}},
	{"browsers that may not cache, among scripts that send no preflights", func(s *site) {
		policy := tokens
		policy.MaxAge = -1
		a := s.start("a").api("public", policy)
		s.run(2*time.Hour, func() { a.preflight(9, "PUT", app); a.send(9, "PUT", app); a.scripts() })
	}, []string{cacheIneffective}},
	{"scripts and pages on plain http, which send a preflight each time", func(s *site) {
		a := s.start("a").api("public", tokens)
		s.run(2*time.Hour, func() { a.scripts(); a.plainHTTP() })
	}, nil},
	{"the same, among browsers that cache", func(s *site) {
		a := s.start("a").api("public", tokens)
		s.run(2*time.Hour, func() { a.users(); a.scripts(); a.plainHTTP() })
	}, nil},
	{"more policies than the SDK keeps series for", func(s *site) {
		p := s.start("a", metric.WithCardinalityLimit(4))
		a := []api{p.api("public", appPolicy), p.api("admin", appPolicy), p.api("partners", appPolicy)}
		s.run(time.Hour, func() { a[0].users(); a[1].users(); a[2].users() })
	}, []string{metricOverflow}},
}

func TestEachAlertFiresInItsScenarioAndNoOther(t *testing.T) {
	rules := readRules(t)
	fired := map[string]bool{}
	all := series{}
	for _, scenario := range scenarios {
		t.Run(scenario.name, func(t *testing.T) {
			stored, start, end := simulate(t, scenario.play)
			var got []string
			for _, rule := range rules {
				for _, alert := range firings(t, stored, rule, start, end) {
					got = append(got, alert)
					fired[rule.Alert] = true
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, scenario.want) {
				t.Errorf("got %q, want %q", got, scenario.want)
			}
			for key, one := range stored {
				all[key] = one
			}
		})
	}
	for _, rule := range rules {
		if !fired[rule.Alert] {
			t.Errorf("%s: fires in no scenario, want one", rule.Alert)
		}
		checkNames(t, all, rule.Alert, rule.Expr)
	}
}

// An alert on a failed reload must fire for a second failure too, whose series exists already, and must end.
func TestFailedReloadsAreTold(t *testing.T) {
	rule := readRules(t)["CORSPolicyReloadFailed"]
	var failures []time.Time
	stored, start, end := simulate(t, func(s *site) {
		a := s.start("a").api("public", appPolicy)
		for range 2 {
			s.run(time.Hour, func() { a.users() })
			failures = append(failures, time.Now())
			a.reload(s.t, invalidPolicy, false)
		}
		s.run(time.Hour, func() { a.users() })
	})
	engine := newEngine(t)
	for at := start; !at.After(end); at = at.Add(scrapeInterval) {
		if slices.ContainsFunc(failures, func(failure time.Time) bool { return at.Sub(failure) == 15*time.Minute }) {
			continue // the two halves of the expression end one scrape apart
		}
		want := slices.ContainsFunc(failures, func(failure time.Time) bool {
			since := at.Sub(failure)
			return since >= scrapeInterval && since < 15*time.Minute
		})
		if got := len(stored.eval(t, engine, rule.Expr, at)) == 1; got != want {
			t.Fatalf("%v after the start: got fires=%t, want %t", at.Sub(start), got, want)
		}
	}
}

// simulate plays a scenario in a bubble, and returns what was scraped and from when to when.
func simulate(t *testing.T, play func(*site)) (stored series, start, end time.Time) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		start = time.Now()
		play(s)
		stored, end = s.stored, time.Now()
	})
	return stored, start, end
}

// firings returns the labels of the alerts of a rule that fire at some time. As in Prometheus an alert fires once the
// expression has had a value with the same labels for long enough.
func firings(t *testing.T, stored series, rule rulefmt.Rule, start, end time.Time) []string {
	t.Helper()
	engine := newEngine(t)
	var fired []string
	active := map[string]time.Time{}
	for at := start; !at.After(end); at = at.Add(scrapeInterval) {
		now := map[string]time.Time{}
		for _, result := range stored.eval(t, engine, rule.Expr, at) {
			alert := alertLabels(t, rule, result)
			now[alert] = at
			if since, ok := active[alert]; ok {
				now[alert] = since
			}
			if at.Sub(now[alert]) >= time.Duration(rule.For) && !slices.Contains(fired, alert) {
				fired = append(fired, alert)
			}
		}
		active = now
	}
	return fired
}

var labelInAnnotation = regexp.MustCompile(`\$labels\.(\w+)`)

// alertLabels returns the labels of an alert, and checks that its annotations name no others.
func alertLabels(t *testing.T, rule rulefmt.Rule, result promql.Sample) string {
	t.Helper()
	for name, text := range rule.Annotations {
		for _, match := range labelInAnnotation.FindAllStringSubmatch(text, -1) {
			if !result.Metric.Has(match[1]) {
				t.Errorf("%s: the annotation %s names the label %s, which the alert has not", rule.Alert, name, match[1])
			}
		}
	}
	b := labels.NewBuilder(result.Metric).Set("alertname", rule.Alert)
	for name, v := range rule.Labels {
		b.Set(name, v)
	}
	return b.Labels().String()
}

// readRules reads the alert rules as Prometheus does, which also checks expressions and templates.
func readRules(t *testing.T) map[string]rulefmt.Rule {
	t.Helper()
	data, err := os.ReadFile("cors-alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	groups, errs := rulefmt.Parse(data, false, model.UTF8Validation, expressions, slog.New(slog.DiscardHandler))
	if len(errs) > 0 {
		t.Fatalf("got errors %v", errs)
	}
	rules := map[string]rulefmt.Rule{}
	for _, group := range groups.Groups {
		for _, rule := range group.Rules {
			rules[rule.Alert] = rule
		}
	}
	if len(rules) == 0 {
		t.Fatal("got no rules")
	}
	return rules
}

func TestEveryAlertSaysWhatToDo(t *testing.T) {
	readme := readFile(t, "README.md")
	for name, rule := range readRules(t) {
		for _, want := range []string{"summary", "description", "runbook_url"} {
			if rule.Annotations[want] == "" {
				t.Errorf("%s: got no %s, want one", name, want)
			}
		}
		if !slices.Contains([]string{"info", "warning", "critical"}, rule.Labels["severity"]) {
			t.Errorf("%s: got severity %q, want info, warning or critical", name, rule.Labels["severity"])
		}
		if !strings.HasSuffix(rule.Annotations["runbook_url"], "/otelcors/dashboards/README.md#"+strings.ToLower(name)) ||
			!strings.Contains(readme, "\n### "+name+"\n") {
			t.Errorf("%s: got the runbook %s, want a section of the README named after the alert", name,
				rule.Annotations["runbook_url"])
		}
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
