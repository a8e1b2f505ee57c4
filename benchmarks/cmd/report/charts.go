package main

import (
	"bytes"
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/corselet/corselet/benchmarks"
)

// charts returns the charts by file name.
func (r *Report) charts() (map[string][]byte, error) {
	plot.DefaultFont = font.Font{Typeface: "Liberation", Variant: "Sans"}
	plotter.DefaultFont = plot.DefaultFont
	made := map[string]*plot.Plot{"growth.svg": r.growthChart(), "hostile.svg": r.hostileChart()}
	for _, framework := range benchmarks.Frameworks {
		made[chartFile(framework)] = r.frameworkChart(framework)
	}
	files := map[string][]byte{}
	for name, p := range made {
		height := 4.2 * vg.Inch
		if name == "growth.svg" {
			height = 5 * vg.Inch
		}
		writer, err := p.WriterTo(8*vg.Inch, height, "svg")
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if _, err := writer.WriteTo(&b); err != nil {
			return nil, err
		}
		files[name] = bytes.ReplaceAll(b.Bytes(), []byte("Liberation Sans"), []byte(fonts))
	}
	return files, nil
}

// fonts are those that a viewer may have, of the same width as the one that charts are laid out for.
const fonts = "Liberation Sans,Arial,Helvetica,sans-serif"

func chartFile(framework string) string {
	return strings.NewReplacer("/", "", " ", "").Replace(framework) + ".svg"
}

// palette has a colour for Corselet, then for peers. grey is for limits, and for what is ordinary.
var (
	palette = []color.Color{
		rgb(0x2f81f7), rgb(0xd9822b), rgb(0x3fa45b), rgb(0xb5569b), rgb(0xa39166), rgb(0xd1495b),
		rgb(0x0f9fb3), rgb(0x7a5cd6),
	}
	grey = rgb(0x8b949e)
)

func rgb(hex uint32) color.Color {
	return color.RGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 0xff}
}

// bars are those of one contender, a bar for each group; NaN: none.
type bars struct {
	name   string
	color  color.Color
	values []float64
	labels []string // above the bars
}

// barChart draws groups of bars next to one another, over a logarithmic axis if log is set.
func barChart(title string, groups []string, all []bars, log bool) *plot.Plot {
	const width = 13 // points
	p := plot.New()
	p.Title.Text, p.Legend.Top, p.Legend.Left = title, true, true
	scale := func(ns float64) float64 { return ns }
	if log { // bars begin at zero, which plot.LogScale does not have: they show powers of ten
		scale = func(ns float64) float64 { return math.Log10(ns / lowest) }
	}
	top := 0.0
	var texts []plot.Plotter // in front of all bars
	for i, b := range all {
		offset := vg.Points(width * (float64(i) - float64(len(all)-1)/2))
		values, labels := make(plotter.Values, len(groups)), plotter.XYLabels{}
		for group, ns := range b.values {
			if math.IsNaN(ns) {
				continue
			}
			values[group] = max(scale(ns), 0)
			labels.XYs = append(labels.XYs, plotter.XY{X: float64(group), Y: values[group]})
			labels.Labels = append(labels.Labels, b.labels[group])
			top = max(top, values[group])
		}
		chart := must(plotter.NewBarChart(values, vg.Points(width-1)))
		chart.Offset, chart.Color, chart.LineStyle.Width = offset, b.color, 0
		text := must(plotter.NewLabels(labels))
		text.Offset = vg.Point{X: offset + vg.Points(3), Y: vg.Points(3)}
		for i := range text.TextStyle {
			text.TextStyle[i].Font.Size, text.TextStyle[i].Rotation = vg.Points(8), math.Pi/3
		}
		texts = append(texts, text)
		p.Add(chart)
		p.Legend.Add(b.name, chart)
	}
	p.Add(texts...)
	p.NominalX(groups...)
	p.Title.Padding, p.X.Padding = vg.Points(6), vg.Points(6)
	p.X.Min, p.X.Max = -0.6, float64(len(groups))-0.4
	p.Y.Min, p.Y.Max = 0, top*1.25
	if log {
		p.Y.Tick.Marker = powersOfTen{}
	} else {
		p.Y.Tick.Marker = nanoseconds{}
	}
	return p
}

// lowest is where a logarithmic axis starts, in nanoseconds.
const lowest = 100

// nanoseconds labels ticks with units.
type nanoseconds struct{}

func (nanoseconds) Ticks(low, high float64) []plot.Tick {
	ticks := plot.DefaultTicks{}.Ticks(low, high)
	for i := range ticks {
		if ticks[i].Label != "" {
			ticks[i].Label = duration(ticks[i].Value)
		}
	}
	return ticks
}

// logNanoseconds labels the ticks of plot.LogScale.
type logNanoseconds struct{}

func (logNanoseconds) Ticks(low, high float64) []plot.Tick {
	ticks := plot.LogTicks{Prec: -1}.Ticks(low, high)
	for i := range ticks {
		if ticks[i].Label != "" {
			ticks[i].Label = duration(ticks[i].Value)
		}
	}
	return ticks
}

// powersOfTen labels the ticks of a logarithmic axis.
type powersOfTen struct{}

func (powersOfTen) Ticks(low, high float64) (ticks []plot.Tick) {
	for power := math.Ceil(low); power <= high; power++ {
		label := duration(lowest * math.Pow(10, power))
		ticks = append(ticks, plot.Tick{Value: power, Label: label})
	}
	return ticks
}

// must returns a plotter. Its maker fails for values that are NaN or none at all, which are left out
// before.
func must[T any](made T, err error) T {
	if err != nil {
		panic(err)
	}
	return made
}

// frameworkChart shows the essential scenarios and all contenders of a framework.
func (r *Report) frameworkChart(framework string) *plot.Plot {
	contenders, _ := r.axes(sectionRouter, mainPolicy.Name, framework)
	var all []bars
	for _, name := range contenders {
		if name == benchmarks.Observed || name == benchmarks.Shared {
			continue
		}
		b := bars{name: name, color: palette[len(all)%len(palette)]}
		if name == benchmarks.Limit {
			b.color = grey
		}
		for _, scenario := range essential {
			ours := r.router(mainPolicy, scenario, framework, benchmarks.Corselet)
			got := r.router(mainPolicy, scenario, framework, name)
			value, label := math.NaN(), ""
			if got != nil && len(got.Wrong) == 0 {
				value, label = got.Added, duration(got.Added)
				if ratio := added(got, ours); got != ours && !math.IsNaN(ratio) {
					label += " (" + times(ratio) + ")"
				}
			}
			b.values, b.labels = append(b.values, value), append(b.labels, label)
		}
		all = append(all, b)
	}
	return barChart(framework+": time added to a request (less is better)", essential, all, false)
}

// hostileChart shows what each contender takes for the hostile request that costs it most.
func (r *Report) hostileChart() *plot.Plot {
	ordinary := bars{name: "an ordinary preflight, refused", color: grey}
	worst := bars{name: "the most expensive hostile preflight", color: palette[1]}
	var groups []string
	find := func(scenario string, c *benchmarks.Contender) *Result {
		return r.find(sectionHostile, mainPolicy.Name, scenario, c.Framework, c.Name)
	}
	for _, c := range benchmarks.Contenders {
		base := find(benchmarks.DeniedPreflight, &c)
		if base == nil || len(base.Wrong) > 0 || isLimit(c.Name) || c.Name == benchmarks.Observed {
			continue
		}
		most := base
		for _, s := range benchmarks.Scenarios {
			if got := find(s.Name, &c); s.Hostile && got != nil && got.Ns > most.Ns {
				most = got
			}
		}
		groups = append(groups, c.Name+"\n"+c.Framework)
		ordinary.values, ordinary.labels = append(ordinary.values, base.Ns), append(ordinary.labels, "")
		worst.values = append(worst.values, most.Ns)
		worst.labels = append(worst.labels, times(most.Ns/base.Ns))
	}
	p := barChart("Time of one hostile preflight, at worst (logarithmic)", groups,
		[]bars{ordinary, worst}, true)
	p.Legend.XOffs = 2.6 * vg.Inch // where the bars are low
	p.X.Tick.Label.Font.Size, p.X.Tick.Label.Rotation = vg.Points(8), math.Pi/3
	p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = draw.XRight, draw.YCenter
	return p
}

// growthChart shows the cost of an allowed GET over the number of exact origins.
func (r *Report) growthChart() *plot.Plot {
	p := plot.New()
	p.Title.Text = "Time added to an allowed GET, by number of exact origins"
	p.X.Label.Text = "exact origins in the policy"
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, logNanoseconds{}
	p.Legend.Top, p.Legend.Left = true, true
	p.Add(plotter.NewGrid())
	curves := 0
	for _, c := range benchmarks.Contenders {
		points := r.growthOf(&c)
		if isLimit(c.Name) || c.Name == benchmarks.Observed || len(points) == 0 {
			continue
		}
		line, dots, err := plotter.NewLinePoints(points)
		if err != nil {
			panic(err) // for NaN, which is left out before
		}
		// Corselet has one colour, and its own dashes in each framework.
		line.Color, line.Width = palette[0], vg.Points(2)
		if c.Name != benchmarks.Corselet {
			line.Color, line.Width = palette[1+curves%(len(palette)-1)], vg.Points(1)
			curves++
		}
		line.Dashes = dashes[frameworkIndex(c.Framework)]
		dots.Color, dots.Shape = line.Color, draw.CircleGlyph{}
		p.Add(line, dots)
		p.Legend.Add(c.Name+" ("+c.Framework+")", line, dots)
	}
	p.Legend.TextStyle.Font.Size = vg.Points(9)
	return p
}

// dashes tell frameworks apart, in their order.
var dashes = [][]vg.Length{nil, {6, 3}, {2, 3}, {8, 3, 2, 3}, {2, 6}, {8, 3, 2, 3, 2, 3}}

func frameworkIndex(framework string) int {
	return max(slices.Index(benchmarks.Frameworks, framework), 0)
}

func (r *Report) growthOf(c *benchmarks.Contender) (points plotter.XYs) {
	for _, got := range r.Results {
		size, exact := strings.CutPrefix(got.Policy, "exact-")
		n, err := strconv.ParseFloat(size, 64)
		if got.Section == sectionGrowth && exact && err == nil && got.Added > 0 &&
			got.Framework == c.Framework && got.Contender == c.Name {
			points = append(points, plotter.XY{X: n, Y: got.Added})
		}
	}
	return points
}
