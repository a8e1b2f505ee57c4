package automaton

// MaxStates is how many states the tables of one policy may have together.
const MaxStates = 10_000

// Limits of the automaton of one regexp.
const (
	MaxDraft        = 4 * MaxStates // states before it is minimized
	maxInstructions = 50_000        // after {n,m} is written out
	maxStored       = 4_000_000     // instructions in the sets that its states stand for
)
