package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/corselet/corselet/core"
)

// check prints what the policy trusts, runs a plan against every framework, prints a table for each
// group, and returns an error if any answer differs from the plan.
func check(ctx context.Context, p *playground, groups plan, out io.Writer) error {
	c := &checker{ctx: ctx, playground: p, client: &http.Client{
		Timeout:   10 * time.Second,
		Transport: &http.Transport{},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}}
	defer c.client.CloseIdleConnections()
	fmt.Fprintln(out, "Under this policy:")
	for _, t := range p.policies.trust() {
		fmt.Fprintf(out, "  %s\n", t.Sentence)
	}
	fmt.Fprintln(out)
	for _, group := range groups {
		c.runGroup(group, out)
	}
	for _, difference := range c.differences {
		fmt.Fprintln(out, difference)
	}
	if n := len(c.differences); n > 0 {
		return fmt.Errorf("%d of %d answers are not the expected ones", n, c.answers)
	}
	fmt.Fprintf(out, "All %d answers are the expected ones.\n", c.answers)
	return nil
}

type checker struct {
	ctx         context.Context
	playground  *playground
	client      *http.Client
	answers     int
	differences []string // one for each unexpected answer
}

func (c *checker) runGroup(group planGroup, out io.Writer) {
	fmt.Fprintf(out, "Origin %s\n\n", group.title)
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	row := []string{"SCENARIO"}
	for _, framework := range frameworks {
		row = append(row, strings.ToUpper(framework.name))
	}
	fmt.Fprintln(table, strings.Join(row, "\t"))
	for _, s := range group.scenarios {
		row := []string{s.name}
		for _, api := range c.playground.servers[1:] {
			row = append(row, c.run(api, s))
		}
		fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	table.Flush()
	fmt.Fprintln(out)
}

// run runs a scenario against one framework, and returns a cell of the table: the statuses and the
// last verdict.
func (c *checker) run(api *server, s planned) string {
	var statuses []string
	verdict, mark := "", ""
	for _, e := range s.exchanges {
		got, err := c.send(api, &e)
		c.answers++
		problems := []string{fmt.Sprint(err)}
		if err == nil {
			problems = e.compare(got)
		}
		if len(problems) > 0 {
			mark = "  WRONG"
			c.differences = append(c.differences, fmt.Sprintf("%s, %s, %s %s from %s:\n    %s",
				api.name, s.name, e.method, e.path, e.header.Get(core.FieldOrigin),
				strings.Join(problems, "\n    ")))
		}
		if err != nil {
			return "no answer" + mark
		}
		statuses = append(statuses, fmt.Sprint(got.status))
		verdict = got.verdict
	}
	// The reason is enough; the detail is in scenarios.json.
	words := strings.Fields(verdict + " ")
	if len(words) > 1 {
		verdict = words[1]
	}
	return strings.Join(statuses, " ") + " " + verdict + mark
}

// send sends the request of an exchange, and returns the exchange with the actual answer.
func (c *checker) send(api *server, e *exchange) (*exchange, error) {
	decisions, cancel := c.playground.hub.listen(c.playground.hub.newest())
	defer cancel()
	url := fmt.Sprintf("http://127.0.0.1:%d%s", api.port(), e.path)
	r, err := http.NewRequestWithContext(c.ctx, e.method, url, strings.NewReader(e.body))
	if err != nil {
		return nil, err
	}
	maps.Copy(r.Header, e.header)
	response, err := c.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	got := &exchange{
		status: response.StatusCode, body: string(body), header: response.Header,
		handler: response.Header.Get(fieldHandler) == handlerRan,
		fields:  corsFields(response.Header),
	}
	select {
	case d := <-decisions: // published before the answer
		got.verdict = verdictText(d.decision.Outcome, d.decision.Reason, d.decision.Detail)
		if d.decision.Framework != api.name {
			return got, fmt.Errorf("the decision was made by %s", d.decision.Framework)
		}
		return got, nil
	default:
		return got, errors.New("the server reported no decision")
	}
}

// corsFields returns the CORS fields, and Vary.
func corsFields(h http.Header) http.Header {
	fields := http.Header{}
	for name, lines := range h {
		if name == core.FieldVary || strings.HasPrefix(name, "Access-Control-") {
			fields[name] = lines
		}
	}
	return fields
}

// compare returns the differences of an answer.
func (e *exchange) compare(got *exchange) (problems []string) {
	differ := func(what string, got, want any) {
		problems = append(problems, fmt.Sprintf("%s: got %v, want %v", what, got, want))
	}
	if got.status != e.status {
		differ("status", got.status, e.status)
	}
	if got.handler != e.handler {
		differ("handler ran", got.handler, e.handler)
	}
	if got.verdict != e.verdict {
		differ("verdict", got.verdict, e.verdict)
	}
	if !e.handler && e.status < 300 || e.status == http.StatusForbidden {
		if got.body != "" || got.header.Get("Content-Type") != "" {
			contentType := got.header.Get("Content-Type")
			differ("body", fmt.Sprintf("%q of type %q", got.body, contentType), "none")
		}
	}
	names := maps.Clone(e.fields)
	maps.Copy(names, got.fields)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if g, w := fieldText(name, got.fields[name]), fieldText(name, e.fields[name]); g != w {
			differ(name, g, w)
		}
	}
	return problems
}

// fieldText returns the lines of a field as text. Equal fields have equal texts; Vary is a set.
func fieldText(name string, lines []string) string {
	if name == core.FieldVary {
		elements := strings.Split(strings.Join(lines, ","), ",")
		for i := range elements {
			elements[i] = http.CanonicalHeaderKey(strings.TrimSpace(elements[i]))
		}
		slices.Sort(elements)
		lines = slices.Compact(elements)
	}
	if len(lines) == 0 {
		return "nothing"
	}
	return fmt.Sprintf("%q", lines)
}
