# lib.sh - what the check scripts share: the tree, and the files in it

# The root of the tree that this script stands in.
tree() {
    dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
}

# sources_of PATTERN...: files of the present folder whose name matches,
# without what was built, fetched or measured.
sources_of() {
    local first=1 pattern match=()
    for pattern; do
        [ $first ] || match+=(-o)
        match+=(-name "$pattern")
        first=
    done
    find . \( -path ./build -o -name node_modules -o -path ./.git \
        -o -path ./results \) -prune -o -type f \( "${match[@]}" \) \
        -printf '%P\n' | LC_ALL=C sort
}
