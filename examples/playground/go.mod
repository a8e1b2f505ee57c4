module github.com/corselet/corselet/examples/playground

go 1.26.0

replace (
	github.com/corselet/corselet => ../../
	github.com/corselet/corselet/echocors => ../../echocors
	github.com/corselet/corselet/fibercors => ../../fibercors
	github.com/corselet/corselet/gincors => ../../gincors
)
