#!/bin/bash
# t1310-fair.sh - a bundle to publish, and one without secrets
#
# Boards on the loopback print what is nobody's business; the redacted bundle is
# unpacked and searched for each secret.
. "$(dirname "$0")/lib.sh"
. "$top/tests/cli/lab.sh" || exit 99
/usr/bin/python3 -c 'import h5py' 2>/dev/null || skip_all "no python3-h5py"
lab_begin 2 127.0.93

# What boards print; each line holds one secret.
secrets=(
    10.11.12.13 fe80::1ff:fe23:4567:890a 02:42:ac:11:00:02 jane@build.example
    fritz-7.lan /home/jane/models/net.bin SN-4711-0815
    123e4567-e89b-12d3-a456-426614174000 http://printer.example:8080/admin
)
missing=/home/kim/missing.txt # a secret in an axis

a_campaign() {
    jq '.boards[0] += { user: "'"$(id -un)"'", serial: null } | del(.boards[0].serial)
        | .lab = "the loopback"' "$inventory" >lab.json
    {
        echo "inet ${secrets[0]}/24; inet6 ${secrets[1]}"
        echo "ether ${secrets[2]} of ${secrets[3]}, also ${secrets[4]}."
        echo "loaded ${secrets[5]}, serial number: ${secrets[6]}"
        echo "boot ${secrets[7]}; see ${secrets[8]} for 1.5 images/s"
        uname -a
        id -un
        echo "peers 127.0.93.1 127.0.93.2, as $work/says.txt says"
    } >says.txt
    # an axis holds 63 bytes at most, and $work may be long: boards read at home
    for home in lab/boards/*/home; do cp says.txt "$home"; done
    experiment 2 "cat says.txt" "cat $missing"
    jq '.title = "Said too much" | .authors = ["Ada Lovelace"] | .licence = "CC-BY-4.0"
        | .help = "What <boards> say & print"' experiment.json >e.json
    run labsweep run e.json -i lab.json -o c --quiet
    expect_code 1
    run labsweep note c "asked ${secrets[3]} in ${secrets[5]}"
    expect_code 0
    run labsweep invalidate c --where n=1 --reason "printed ${secrets[0]}"
    expect_code 0
}

a_bundle() {
    run labsweep export c --fair -o "$1" "${@:2}"
    expect_code 0
    (cd "$1" && sha256sum -c --quiet SHA256SUMS) || oops "sums differ"
    expect_same "files without a sum" \
        "$(cd "$1" && ls | grep -vxFf <(awk '{ print $2 }' SHA256SUMS))" \
        SHA256SUMS
    jq -e '."@graph" | map(select(."@type" == "File")) | length == 12' \
        "$1/ro-crate-metadata.json" >/dev/null || oops "files of the crate"
    jq -e '."@graph"[] | select(."@id" == "./")
        | .name == "Said too much" and .license."@id" ==
          "https://spdx.org/licenses/CC-BY-4.0.html"' \
        "$1/ro-crate-metadata.json" >/dev/null || oops "root of the crate"
    jq -e '.creators[0].name == "Ada Lovelace"' "$1/datacite.json" >/dev/null
    grep -q 'family-names: "Lovelace"' "$1/CITATION.cff"
    grep -q '^license: "CC-BY-4.0"' "$1/CITATION.cff"
    /usr/bin/python3 - "$1/dublin-core.xml" <<'END' || oops "Dublin Core"
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
said = {e.tag.split("}")[1]: e.text for e in root}
assert said["creator"] == "Ada Lovelace", said
assert said["description"] == "What <boards> say & print", said
END
    run labsweep archive verify "$1"
    expect_code 0
}

whole() {
    a_bundle whole
    for table in cells attempts power_runs; do
        labsweep export c --table $table | cmp - whole/$table.csv ||
            oops "$table.csv is not what export prints"
    done
    # the finder finds: each secret is in the bundle that was not redacted
    "$top/tests/cli/bundle_texts.py" whole >texts
    for secret in "${all[@]}"; do
        grep -aqF -e "$secret" texts || oops "the test cannot see '$secret'"
    done
}

redacted() {
    a_bundle redacted --redact
    "$top/tests/cli/bundle_texts.py" redacted >texts
    for secret in "${all[@]}"; do
        ! grep -aqwF -e "$secret" texts ||
            oops "'$secret' is left: $(grep -awF -m1 -e "$secret" texts | head -c 300)"
    done
    # what is measured stands, and 1.5 images/s is no path
    grep -aq '1.5 images/s' texts || oops "too much is gone"
    expect_same "statuses" \
        "$(labsweep export redacted --format jsonl | jq -c '[.cell_id, .status, .duration_s]')" \
        "$(labsweep export c --format jsonl | jq -c '[.cell_id, .status, .duration_s]')"
}

reads_like_a_campaign() {
    run labsweep report redacted
    expect_code 0
    run labsweep status redacted --json
    expect_code 0
    expect_same "uuid" "$(jq -r .status.campaign out)" \
        "$(labsweep status c --json | jq -r .status.campaign)"
}

refuses() {
    run labsweep export c --fair
    expect_code 2
    expect_sentence 'folder with -o'
    run labsweep export c --redact
    expect_code 2
    expect_sentence 'goes with --fair'
    run labsweep export c --fair -o whole
    expect_code 2
    expect_sentence 'there already'
}

all=("${secrets[@]}" "$missing" "$(hostname)" "$(id -un)" 127.0.93.1 127.0.93.2
    "$work" lab/key lab/known_hosts)
holds "boards that say too much" a_campaign
holds "a bundle is whole, and every secret can be seen in it" whole
holds "a redacted one has none of them" redacted
holds "it is a campaign like any other" reads_like_a_campaign
holds "wrong words get one sentence" refuses
done_testing
