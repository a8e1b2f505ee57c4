#!/usr/bin/env bash
# Makes a release of all modules: scripts/release.sh v0.1.0
# It commits and tags; it pushes nothing. RELEASING.md says what to do before and after.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly root=github.com/corselet/corselet
readonly branch=main

fail() {
	printf 'release: %s\n' "$1" >&2
	exit 1
}

# untagged reports whether no one imports a module: it is named here, or has only programs and tests.
untagged() {
	[[ $1 == benchmarks || $1 == e2e || $1 == examples/* ]] && return
	local importable='{{if and .GoFiles (ne .Name "main")}}{{.ImportPath}}{{end}}'
	[[ -z $(GOWORK=off go -C "$1" list -f "$importable" ./...) ]]
}

check() {
	[[ $version =~ ^v[01]\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9a-z]+(\.[0-9a-z]+)*)?$ ]] ||
		fail "\"$version\" is not a version; write v0.1.0 or v0.2.0-rc.1 (v2 needs other import paths)"
	[[ $(git symbolic-ref --quiet --short HEAD) == "$branch" ]] ||
		fail "this is not the branch $branch; check it out"
	[[ -z $(git status --porcelain) ]] ||
		fail 'there are uncommitted changes; commit or stash them'
	grep -qx '## Unreleased' CHANGELOG.md ||
		fail 'CHANGELOG.md has no line "## Unreleased"; write down what changed'
	local tag
	for tag in "${tags[@]}"; do
		! git rev-parse --quiet --verify "refs/tags/$tag" >/dev/null || fail "the tag $tag exists already"
	done
}

# set_version writes the version of every sibling into a module's go.mod. The replace directives stay: users' builds
# ignore them, and ours use them whatever the version is.
set_version() {
	sed -i -E "s#^(require)?([[:space:]]+$root(/[^ ]+)?) v[^ ]+#\1\2 $version#" "$1/go.mod"
}

check_module() {
	GOWORK=off go -C "$1" mod tidy -diff || fail "$1 is not tidy with the new versions"
	GOWORK=off go -C "$1" vet ./... || fail "$1 does not build with the new versions"
}

# undo drops all changes to files. They are the release's: check has refused a dirty tree.
undo() {
	git reset --quiet --hard
	echo 'release: undone, nothing is changed' >&2
}

[[ $# == 1 ]] || fail 'write one version, such as v0.1.0'
version=$1
mapfile -t nested < <(git ls-files '*/go.mod' | grep -v /testdata/ | xargs -n 1 dirname)
tags=("$version")
for module in "${nested[@]}"; do
	untagged "$module" || tags+=("$module/$version")
done
check

trap undo EXIT
for module in "${nested[@]}"; do
	set_version "$module"
done
for module in "${nested[@]}"; do # after all versions are set: modules may require one another
	check_module "$module"
done
sed -i -E "s/^(const Version = ).*/\1\"${version#v}\"/" otelcors/version.go
(cd otelcors && go test -run TestVersion . >/dev/null) || fail 'otelcors does not report the new version'
sed -i "s/^## Unreleased\$/## Unreleased\\n\\n## $version ($(date -u +%Y-%m-%d))/" CHANGELOG.md
go test . >&2 || fail 'the tests of the repository fail'

trap - EXIT
git commit --quiet --all --message "Release $version"
for tag in "${tags[@]}"; do
	git tag --annotate --message "$tag" "$tag"
done
printf 'Committed and tagged. Check it, then push everything at once:\n\n'
printf '\tgit push --atomic origin %s %s\n\n' "$branch" "${tags[*]}"
printf 'To undo it instead:\n\n\tgit tag --delete %s && git reset --hard HEAD~\n' "${tags[*]}"
