module github.com/corselet/corselet/echov5cors

go 1.26.0

require (
	github.com/corselet/corselet v0.0.0
	github.com/labstack/echo/v5 v5.3.1
)

require (
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	golang.org/x/time v0.15.0 // indirect
)

replace github.com/corselet/corselet => ../
