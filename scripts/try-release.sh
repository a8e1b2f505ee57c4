#!/usr/bin/env bash
# Tries a release out, and changes nothing: in a clone of the last commit it makes one, pushes it to an origin on this
# disk, and is the first user of every module, alone. A user must get the module that was asked for, in the version of the
# tag, and no framework but its own.
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
git -C "$origin" config receive.shallowUpdate true # continuous integration may have cloned no more than the last commit
git -C "$repository" remote set-url origin "$origin"

"$repository/scripts/release.sh" "$version" >"$place/says" || fail "the release fails: $(cat "$place/says")"
push=$(grep -o 'git push .*' "$place/says") || fail 'the release names no command to push it with'
(cd "$repository" && $push --quiet)

# From here on we are a user: the origin on this disk stands for GitHub's, nothing of ours is in any module cache or
# checksum database, and what else is needed comes from this machine's module cache where it is there.
cache=$(go env GOMODCACHE)
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=url."file://$origin".insteadOf GIT_CONFIG_VALUE_0=https://$root
GOPROXY=file://$cache/cache/download,$(go env GOPROXY)
export GOPROXY GOPRIVATE=$root GOSUMDB=off GOWORK=off GOTOOLCHAIN=local GOFLAGS="-modcacherw -trimpath"

# modules prints the module paths that the tags of the origin stand for.
modules() {
	local tag
	git -C "$origin" tag --list | while read -r tag; do
		[[ $tag == *"$version" ]] || fail "there is a tag $tag"
		tag=${tag%"$version"}
		printf '%s\n' "$root${tag:+/${tag%/}}"
	done
}

# list asks for the packages of a module, as they are in the repository.
list() {
	local directory=${1#"$root"}
	shift
	go -C "$repository/${directory#/}" list "$@"
}

readonly module_of='{{with .Module}}{{.Path}}{{end}}'

# frameworks prints the modules that a module of ours is for: whose packages it imports, tests apart.
frameworks() {
	list "$1" -f '{{range .Imports}}{{println .}}{{end}}' ./... | sort -u | {
		mapfile -t imports
		list "$1" -f "$module_of" "${imports[@]}"
	} | { grep -v -e "^$root" -e '^$' || true; } | sort -u
}

# use_module is the first user of a module. Everything that go downloads for it lands in a cache of its own.
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
	) >"$place/says" 2>&1 || fail "$module cannot be used: $(cat "$place/says")"
}

# check_downloads looks for code that is not for the module which was asked for, but for another one of ours.
check_downloads() {
	local module=$1 other
	list "$module" -deps -f "$module_of" ./... | sort -u >"$place/needed"
	(cd "$place/cache/cache/download" && find . -name '*.zip' | sed -E 's#^\./(.*)/@v/.*#\1#' | sort) >"$place/got"
	for other in "${all[@]}"; do
		frameworks "$other" | comm -23 - "$place/needed" >"$place/foreign"
		! grep -xF -f "$place/foreign" "$place/got" || fail "who uses $module downloads that, which is for $other"
	done
	printf '%-45s %3d modules downloaded\n' "$module" "$(wc -l <"$place/got")"
}

mapfile -t all < <(modules)
((${#all[@]} > 1)) || fail 'there are no tags'
for module in "${all[@]}"; do
	use_module "$module"
	check_downloads "$module"
done
