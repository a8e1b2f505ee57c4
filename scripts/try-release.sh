#!/usr/bin/env bash
# Tries a release without changing anything: it makes one in a clone of the last commit, pushes it to an origin on this
# disk, and gets each module from there as the user of that module alone. A user must get that module, in the tag's
# version, and no framework of another.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly root=github.com/corselet/corselet
readonly version=v0.999.0-try.1

fail() {
	printf 'try-release: %s\n' "$1" >&2
	exit 1
}

place=$(mktemp -d)
trap 'chmod -R u+w "$place" && rm -rf "$place"' EXIT
readonly repository=$place/repository origin=$place/origin.git

git clone --quiet --no-local . "$repository"
git -C "$repository" checkout --quiet -B main
git -C "$repository" config user.name 'try-release'
git -C "$repository" config user.email 'try-release@localhost'
git init --quiet --bare "$origin"
git -C "$origin" config receive.shallowUpdate true # continuous integration may clone only the last commit
git -C "$repository" remote set-url origin "$origin"

"$repository/scripts/release.sh" "$version" >"$place/output" || fail "the release failed: $(cat "$place/output")"
push=$(grep -o 'git push .*' "$place/output") || fail 'the release printed no command to push it'
(cd "$repository" && $push --quiet)

# From here on this is a user: the origin on this disk replaces GitHub's, no module of ours is in a module cache or
# checksum database, and all other modules come from this machine's module cache if it has them.
cache=$(go env GOMODCACHE)
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=url."file://$origin".insteadOf GIT_CONFIG_VALUE_0=https://$root
GOPROXY=file://$cache/cache/download,$(go env GOPROXY)
export GOPROXY GOPRIVATE=$root GOSUMDB=off GOWORK=off GOTOOLCHAIN=local GOFLAGS="-modcacherw -trimpath"

# modules prints the module paths that the origin's tags are for.
modules() {
	local tag
	git -C "$origin" tag --list | while read -r tag; do
		[[ $tag == *"$version" ]] || fail "there is a tag $tag"
		tag=${tag%"$version"}
		printf '%s\n' "$root${tag:+/${tag%/}}"
	done
}

# list runs go list for a module, as it is in the repository.
list() {
	local directory=${1#"$root"}
	shift
	go -C "$repository/${directory#/}" list "$@"
}

readonly module_of='{{with .Module}}{{.Path}}{{end}}'

# frameworks prints the modules that a module of ours is for: those whose packages it imports outside of tests.
frameworks() {
	list "$1" -f '{{range .Imports}}{{println .}}{{end}}' ./... | sort -u | {
		mapfile -t imports
		list "$1" -f "$module_of" "${imports[@]}"
	} | { grep -v -e "^$root" -e '^$' || true; } | sort -u
}

# use_module is the first user of a module. What go downloads for it goes into a cache of its own.
use_module() {
	local module=$1 package user=$place/user
	package=$(list "$module" -f '{{if ne .Name "main"}}{{with .GoFiles}}{{$.ImportPath}}{{end}}{{end}}' ./... |
		{ grep . || true; } | head -n 1)
	rm -rf "$user" "$place/cache" && mkdir "$user"
	printf 'package main\n\nimport _ "%s"\n\nfunc main() {}\n' "$package" >"$user/main.go"
	(
		export GOMODCACHE=$place/cache
		cd "$user" && go mod init example.com/user && go get "$package@$version" && go mod tidy &&
			go build -o "$place/program" . && [[ $(go list -m "$module") == "$module $version" ]]
	) >"$place/output" 2>&1 || fail "$module cannot be used: $(cat "$place/output")"
}

# check_downloads fails if a module's user downloads what only another module of ours needs.
check_downloads() {
	local module=$1 other
	list "$module" -deps -f "$module_of" ./... | sort -u >"$place/needed"
	(cd "$place/cache/cache/download" && find . -name '*.zip' | sed -E 's#^\./(.*)/@v/.*#\1#' | sort) >"$place/got"
	for other in "${all[@]}"; do
		frameworks "$other" | comm -23 - "$place/needed" >"$place/foreign"
		! grep -xF -f "$place/foreign" "$place/got" || fail "users of $module download the above, which is for $other"
	done
	printf '%-45s %3d modules downloaded\n' "$module" "$(wc -l <"$place/got")"
}

mapfile -t all < <(modules)
((${#all[@]} > 1)) || fail 'there are no tags'
for module in "${all[@]}"; do
	use_module "$module"
	check_downloads "$module"
done
