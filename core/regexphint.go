package core

import (
	"fmt"
	"strings"

	"github.com/corselet/corselet/core/internal/automaton"
	"github.com/corselet/corselet/core/internal/domain"
)

// unpinnedHint says what else a regexp allows, and what to write instead.
func unpinnedHint(c *domain.Coverage) string {
	return alsoAllows(c.Examples...) + c.Fix() + orAccept
}

func insecureRegexpHint(example string) string {
	examples := []string{example}
	if example == "" {
		examples = nil
	}
	return alsoAllows(examples...) + `write "https://"` + orAccept
}

// alsoAllows shows origins that the author of a regexp did not think of.
func alsoAllows(examples ...string) string {
	if len(examples) == 0 {
		return ""
	}
	quoted := make([]string, len(examples))
	for i, example := range examples {
		quoted[i] = fmt.Sprintf("%q", example)
	}
	return "it also allows " + strings.Join(quoted, " and ") + "; "
}

// neverMatchesHint guesses why no origin matches, while there is work left for guessing.
func (r *compiledRegexp) neverMatchesHint(work *automaton.Budget) string {
	const whole = "a regexp matches the whole origin, scheme://host[:port] without path and " +
		"default port"
	matches := func(text string) (ok bool) {
		work.Part(maxWork/100, func(part *automaton.Budget) {
			other := compiledRegexp{text: text}
			if other.compile(1, part) == nil {
				coverage := domain.Cover(other.dfa, text, part)
				ok = !coverage.IsEmpty
			}
		})
		return ok
	}
	bare := strings.TrimPrefix(r.text, "^")
	if strings.TrimSuffix(bare, "$") == "null" {
		return "write null in origins" + orAccept
	}
	switch {
	case matches("(?i:"+r.text+")") && !strings.HasPrefix(bare, "http"):
		return "list hosts with upper-case letters in origins: regexps match lower-case ones"
	case matches("(?i:" + r.text + ")"):
		return "write it in lower case, as browsers write origins"
	case matches("https?://(?:" + bare + ")"):
		return fmt.Sprintf("write the scheme too, such as %q: %s",
			automaton.Excerpt("^https://"+bare), whole)
	}
	return "write all that the browser sends: " + whole
}

// tooLargeTogether says what to do about regexps that are too large together: about the largest
// one, if it is much larger than the others.
func tooLargeTogether(list []compiledRegexp) *ConfigError {
	if biggest := largest(list); biggest.dfa.NumStates() > automaton.MaxStates/10 {
		return tooLarge(biggest)
	}
	return &ConfigError{Field: "origin_regexps", Index: -1, Reason: ConfigReasonRegexpTooLarge,
		Hint: fmt.Sprintf("put similar ones into one alternation, as in "+
			"^https://(?:app|shop)\\.example\\.com$, or use several policies: "+
			"%d regexps are too many for one, which may have %d states",
			len(list), automaton.MaxStates)}
}

// largest returns the regexp with the largest automaton.
func largest(list []compiledRegexp) *compiledRegexp {
	biggest := &list[0]
	for i := range list {
		if list[i].dfa.NumStates() > biggest.dfa.NumStates() {
			biggest = &list[i]
		}
	}
	return biggest
}

// tooLarge says that a regexp takes too many states, and what most likely makes it so.
func tooLarge(r *compiledRegexp) *ConfigError {
	const limit = automaton.MaxStates
	size := fmt.Sprintf("more than %d states, or too long to compile", limit)
	if r.dfa != nil && r.dfa.NumStates() <= limit {
		size = fmt.Sprintf("%d states, more than any other regexp, and all together take too many",
			r.dfa.NumStates())
	}
	return r.fail(ConfigReasonRegexpTooLarge, fmt.Sprintf(
		"simplify %s: it takes %s; a policy may have %d", r.regexp.Costliest(), size, limit))
}
