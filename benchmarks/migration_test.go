package benchmarks

import (
	"context"
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/corselet/corselet/core"
)

// The guides in docs/migrate-from-*.md are written from the tables here: every row is an option of a peer, or a habit of
// its, with a request that both are asked. Run
//
//	GOWORK=off go test -run Migration -update
//
// to write the tables into the guides again.
var update = flag.Bool("update", false, "write the tables of the migration guides")

// A guide is a document about leaving one peer.
type guide struct {
	peer   string // its name at the head of the table
	file   string
	config any // the peer's configuration, every field of which has a row
	before Opener
	after  Opener
	rows   []migration
}

// migration is one row of a guide.
type migration struct {
	option string // field of the peer's configuration; or, with a blank in it, a habit
	here   string // what to write instead
	why    string // what differs, and why
	before Opener
	after  Opener
	send   Request
	there  string // the peer's answer, in the form of answerOf
	ours   string
}

var guides = []guide{ginContribGuide, echoGuide, fiberGuide, rsGuide}

func TestMigrationRowsAreTrue(t *testing.T) {
	for _, g := range guides {
		for _, row := range g.rows {
			t.Run(g.file+"/"+row.option, func(t *testing.T) {
				if got := answerOf(row.before, row.send); got != row.there {
					t.Errorf("%s to %s:\n got %s\nwant %s", g.peer, sentence(row.send), got, row.there)
				}
				if got := answerOf(row.after, row.send); got != row.ours {
					t.Errorf("corselet to %s:\n got %s\nwant %s", sentence(row.send), got, row.ours)
				}
			})
		}
	}
}

func TestMigrationGuidesHaveARowForEveryOption(t *testing.T) {
	for _, g := range guides {
		var described []string
		for _, row := range g.rows {
			described = append(described, row.option)
		}
		for _, field := range reflect.VisibleFields(reflect.TypeOf(g.config)) {
			if field.IsExported() && !slices.Contains(described, field.Name) {
				t.Errorf("%s: got no row for %s, want one", g.file, field.Name)
			}
		}
		for _, option := range described {
			if _, ok := reflect.TypeOf(g.config).FieldByName(option); !ok && !strings.Contains(option, " ") {
				t.Errorf("%s: got a row for %s, which %s does not have", g.file, option, g.peer)
			}
		}
	}
}

// The program that a guide begins with must do for a browser what the peer's did.
func TestMigrationGuidesBeginWithTwoProgramsThatDoTheSame(t *testing.T) {
	requests := map[bool][]Request{
		true: {
			from(app), ask(app, "PUT", ""), ask(app, "PUT", "authorization,content-type"), ask(app, "POST", "content-type"),
		},
		false: {from(other), ask(other, "PUT", ""), ask(app, "PATCH", ""), ask(app, "PUT", "x-other")},
	}
	for _, g := range guides {
		for want, requests := range requests {
			for _, request := range requests {
				for name, open := range map[string]Opener{g.peer: g.before, "corselet": g.after} {
					if got := passes(t, open, request); got != want {
						t.Errorf("%s: %s to %s: got %v, want %v", g.file, name, sentence(request), got, want)
					}
				}
			}
		}
	}
}

func passes(t *testing.T, open Opener, r Request) bool {
	t.Helper()
	opened, err := open(Policy{}, Router)
	if err != nil {
		t.Fatal(err)
	}
	client := opened.Client([]Request{r})
	client.Do()
	origin, method, headers := browserView(&r, client.Answer())
	return origin && method && headers && first(client.Answer(), "Access-Control-Allow-Credentials") == "true"
}

const tableBegins, tableEnds = "<!-- rows:begin -->\n", "<!-- rows:end -->\n"

func TestMigrationGuidesShowTheRows(t *testing.T) {
	for _, g := range guides {
		name := "../docs/" + g.file
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		head, rest, found := strings.Cut(string(data), tableBegins)
		got, tail, ended := strings.Cut(rest, tableEnds)
		if !found || !ended {
			t.Fatalf("%s: got no lines %q and %q, want the table between them", g.file, tableBegins, tableEnds)
		}
		want := g.table()
		if *update {
			if err := os.WriteFile(name, []byte(head+tableBegins+want+tableEnds+tail), 0o600); err != nil {
				t.Fatal(err)
			}
		} else if got != want {
			t.Errorf("%s: the table is not that of the test; run: GOWORK=off go test -run Migration -update", g.file)
		}
	}
}

func (g *guide) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s | Corselet | what differs, and why | shown by |\n|---|---|---|---|\n", g.peer)
	for _, row := range g.rows {
		option := row.option
		if !strings.Contains(option, " ") {
			option = "`" + option + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", option, row.here, row.why, row.evidence())
	}
	return b.String()
}

// evidence shows a request, and what one of the two answers has and the other has not.
func (m *migration) evidence() string {
	there, ours := m.parts(m.there), m.parts(m.ours)
	if slices.Equal(there, ours) {
		return sentence(m.send) + ": the same, " + code(ours)
	}
	return fmt.Sprintf("%s:<br>there %s<br>here %s", sentence(m.send), code(without(there, ours)), code(without(ours, there)))
}

// parts takes an answer apart. Every preflight differs in Vary, so that only the row that is about it shows it.
func (m *migration) parts(answer string) []string {
	if strings.Contains(answer, " at start: ") {
		return []string{answer}
	}
	return slices.DeleteFunc(strings.Split(answer, "; "), func(part string) bool {
		return m.send.RequestMethod != "" && strings.HasPrefix(part, "Vary: ") && !strings.Contains(m.option, "Vary")
	})
}

// without returns the parts of an answer that are not in the other one; its first part, the status, in any case.
func without(answer, other []string) []string {
	parts := answer[:1:1]
	for _, part := range answer[1:] {
		if !slices.Contains(other, part) {
			parts = append(parts, part)
		}
	}
	return parts
}

func code(parts []string) string {
	var b strings.Builder
	for i, part := range parts {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("`" + strings.TrimPrefix(part, "Access-Control-") + "`")
	}
	return b.String()
}

// sentence describes a request in a few words.
func sentence(r Request) string {
	what := r.Method
	if r.RequestMethod != "" {
		what = "preflight for " + r.RequestMethod
	}
	if r.RequestHeaders != "" {
		what += " with " + r.RequestHeaders
	}
	if r.Origin == "" {
		return what + " without Origin"
	}
	return what + " from " + r.Origin
}

// answerOf describes an answer in one line: status, whether the handler ran, and every field that CORS is about; or why
// the application does not start.
func answerOf(open Opener, r Request) (text string) {
	defer func() {
		if reason := recover(); reason != nil {
			text = fmt.Sprintf("panics at start: %v", reason)
		}
	}()
	opened, err := open(Policy{}, Router)
	if err != nil {
		return "error at start: " + strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	client := opened.Client([]Request{r})
	client.Do()
	answer := client.Answer()
	parts := []string{fmt.Sprint(answer.Status)}
	if answer.HandlerRan && answer.Status == 200 {
		parts[0] += " from the handler"
	}
	var fields []string
	for name, lines := range answer.Header {
		if name == "Vary" || strings.HasPrefix(name, "Access-Control-") {
			fields = append(fields, name+": "+strings.Join(lines, ", "))
		}
	}
	slices.Sort(fields)
	return strings.Join(append(parts, fields...), "; ")
}

// The origins that rows speak of.
const app, other = "https://app.example.com", "https://stranger.example"

func from(origin string) Request { return Request{Method: "GET", Origin: origin} }

func ask(origin, method, headers string) Request {
	return Request{Method: "OPTIONS", Origin: origin, RequestMethod: method, RequestHeaders: headers}
}

// newCORS makes a handle of a configuration that is known to be right.
func newCORS(config core.Config) *core.CORS {
	cors, err := core.New(config)
	if err != nil {
		panic(err)
	}
	return cors
}

// everybody and underAPI are origin functions; the second goes by the path.
func everybody(context.Context, core.OriginRequest) (bool, error) { return true, nil }

func underAPI(_ context.Context, r core.OriginRequest) (bool, error) {
	return strings.HasPrefix(r.Path, "/api/"), nil
}

// failing is an origin function whose database is down.
func failing(context.Context, core.OriginRequest) (bool, error) { return false, errDatabase }
