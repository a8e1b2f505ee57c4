package main

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"strings"
)

// style makes charts readable on light and dark pages: colours of middling lightness, and text that follows the
// reader's preference, or is of middling lightness too where a viewer does not know it.
const style = `<style>
text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #737c87 }
.title { font-size: 14px; font-weight: 600 }
.grid { stroke: #8b949e; stroke-opacity: .35 }
@media (prefers-color-scheme: light) { text { fill: #30363d } .quiet { fill: #6e7681 } }
@media (prefers-color-scheme: dark) { text { fill: #d1d7e0 } .quiet { fill: #9198a1 } }
</style>
`

// palette holds a colour for Corselet, then for peers, then for limits.
var palette = []string{"#2f81f7", "#d9822b", "#3fa45b", "#b5569b", "#8b949e", "#a39166", "#d1495b", "#0f9fb3", "#7a5cd6"}

// drawing is an SVG under construction.
type drawing struct {
	bytes.Buffer
	width, height int
}

func newDrawing(width, height int, title string) *drawing {
	d := &drawing{width: width, height: height}
	fmt.Fprintf(d, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">`+"\n",
		width, height, width, height)
	fmt.Fprintf(d, "<title>%s</title>\n%s", html.EscapeString(title), style)
	d.text(0, 16, "title", "start", title)
	return d
}

func (d *drawing) text(x, y float64, class, anchor, text string) {
	fmt.Fprintf(d, `<text x="%.1f" y="%.1f" class="%s" text-anchor="%s">%s</text>`+"\n",
		x, y, class, anchor, html.EscapeString(text))
}

func (d *drawing) line(x1, y1, x2, y2 float64) {
	fmt.Fprintf(d, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="grid"/>`+"\n", x1, y1, x2, y2)
}

func (d *drawing) rect(x, y, width, height float64, colour string) {
	fmt.Fprintf(d, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="2" fill="%s"/>`+"\n",
		x, y, math.Max(width, 1), height, colour)
}

func (d *drawing) done() []byte {
	d.WriteString("</svg>\n")
	return d.Bytes()
}

// bars is a chart of groups of horizontal bars.
type bars struct {
	title  string
	series []string // what the bars of a group stand for
	colour []string
	groups []barGroup
	log    bool // logarithmic
}

type barGroup struct {
	name   string
	values []float64 // NaN: none
	labels []string  // at the end of each bar
}

const (
	barHeight, barGap, groupGap = 13.0, 2.0, 14.0
	nameWidth, labelWidth       = 180.0, 150.0
	chartWidth                  = 760
)

// draw lays the groups out from top to bottom.
func (c *bars) draw() []byte {
	height := 44.0
	for _, group := range c.groups {
		height += groupGap + float64(group.count())*(barHeight+barGap)
	}
	d := newDrawing(chartWidth, int(height)+8, c.title)
	c.legend(d)
	low, high := c.extent()
	y := 44.0
	for _, group := range c.groups {
		y += groupGap
		middle := y + float64(group.count())*(barHeight+barGap)/2 + 4
		d.text(nameWidth-10, middle, "", "end", group.name)
		for i, value := range group.values {
			if math.IsNaN(value) {
				continue
			}
			width := (chartWidth - nameWidth - labelWidth) * c.scale(value, low, high)
			d.rect(nameWidth, y, width, barHeight, c.colour[i])
			d.text(nameWidth+width+6, y+barHeight-2, "quiet", "start", group.labels[i])
			y += barHeight + barGap
		}
	}
	return d.done()
}

func (g *barGroup) count() (n int) {
	for _, value := range g.values {
		if !math.IsNaN(value) {
			n++
		}
	}
	return n
}

func (c *bars) legend(d *drawing) {
	x := 0.0
	for i, name := range c.series {
		d.rect(x, 28, 10, 10, c.colour[i])
		d.text(x+14, 37, "", "start", name)
		x += 14 + textWidth(name) + 16
	}
}

// textWidth guesses how wide a text comes out: a chart cannot ask.
func textWidth(text string) float64 { return 6.6 * float64(len([]rune(text))) }

func (c *bars) extent() (low, high float64) {
	low, high = math.Inf(1), 0
	for _, group := range c.groups {
		for _, value := range group.values {
			if value > 0 {
				low, high = math.Min(low, value), math.Max(high, value)
			}
		}
	}
	return low, high
}

func (c *bars) scale(value, low, high float64) float64 {
	switch {
	case value <= 0 || high <= 0:
		return 0
	case c.log:
		return (math.Log(value/low) + 0.3) / (math.Log(high/low) + 0.3)
	}
	return value / high
}

// lines is a chart of curves with logarithmic axes.
type lines struct {
	title, xName string
	curves       []curve
	yLabel       func(float64) string
}

type curve struct {
	name   string
	colour string
	dash   string // of SVG's stroke-dasharray; empty: solid
	points [][2]float64
}

const (
	plotLeft, plotTop, plotRight, plotBottom = 70.0, 40.0, 560.0, 380.0
	plotHeight                               = 430
)

// draw puts each curve's name at its right end, moved so that names do not cover one another.
func (c *lines) draw() []byte {
	d := newDrawing(chartWidth, plotHeight, c.title)
	x, y := c.axes(d)
	taken := plotTop - 14
	for _, i := range c.fromTop() {
		curve := c.curves[i]
		var path strings.Builder
		for n, p := range curve.points {
			command := "L"
			if n == 0 {
				command = "M"
			}
			fmt.Fprintf(&path, "%s%.1f %.1f", command, x(p[0]), y(p[1]))
			fmt.Fprintf(d, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`+"\n", x(p[0]), y(p[1]), curve.colour)
		}
		fmt.Fprintf(d, `<path d="%s" fill="none" stroke="%s" stroke-width="2" stroke-dasharray="%s"/>`+"\n",
			path.String(), curve.colour, curve.dash)
		end := curve.points[len(curve.points)-1]
		at := math.Max(y(end[1]), taken+14)
		taken = at
		fmt.Fprintf(d, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-opacity=".5"/>`+"\n",
			x(end[0])+4, y(end[1]), plotRight+8, at, curve.colour)
		d.text(plotRight+12, at+4, "", "start", curve.name)
	}
	return d.done()
}

// fromTop returns the indexes of the curves, those that end highest first.
func (c *lines) fromTop() []int {
	order := make([]int, len(c.curves))
	for i := range order {
		order[i] = i
	}
	last := func(i int) float64 { return c.curves[i].points[len(c.curves[i].points)-1][1] }
	for i := range order {
		for j := i; j > 0 && last(order[j]) > last(order[j-1]); j-- {
			order[j], order[j-1] = order[j-1], order[j]
		}
	}
	return order
}

// axes draws the grid, a line for each power of ten, and returns what turns values into places.
func (c *lines) axes(d *drawing) (x, y func(float64) float64) {
	lowX, highX, lowY, highY := c.extent()
	x = func(v float64) float64 {
		return plotLeft + (plotRight-plotLeft)*math.Log(v/lowX)/math.Log(highX/lowX)
	}
	y = func(v float64) float64 {
		return plotBottom - (plotBottom-plotTop)*math.Log(v/lowY)/math.Log(highY/lowY)
	}
	for v := lowY; v <= highY*1.01; v *= 10 {
		d.line(plotLeft, y(v), plotRight, y(v))
		d.text(plotLeft-8, y(v)+4, "quiet", "end", c.yLabel(v))
	}
	for v := lowX; v <= highX*1.01; v *= 10 {
		d.line(x(v), plotTop, x(v), plotBottom)
		d.text(x(v), plotBottom+18, "quiet", "middle", thousands(int(math.Round(v))))
	}
	d.text((plotLeft+plotRight)/2, plotBottom+38, "", "middle", c.xName)
	return x, y
}

// extent returns powers of ten around all points.
func (c *lines) extent() (lowX, highX, lowY, highY float64) {
	lowX, lowY = math.Inf(1), math.Inf(1)
	for _, curve := range c.curves {
		for _, p := range curve.points {
			lowX, highX = math.Min(lowX, p[0]), math.Max(highX, p[0])
			lowY, highY = math.Min(lowY, p[1]), math.Max(highY, p[1])
		}
	}
	return powerBelow(lowX), powerAbove(highX), powerBelow(lowY), powerAbove(highY)
}

func powerBelow(v float64) float64 { return math.Pow(10, math.Floor(math.Log10(v)+1e-9)) }
func powerAbove(v float64) float64 { return math.Pow(10, math.Ceil(math.Log10(v)-1e-9)) }

// thousands writes a number with a comma between groups of digits.
func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
