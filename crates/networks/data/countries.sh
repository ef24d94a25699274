#!/bin/sh
# Writes countries.tsv from the tables of the tz database: countries.sh [FOLDER] > countries.tsv
set -eu
folder=${1:-/usr/share/zoneinfo}
version=$(sed -n '1s/# version //p' "$folder/tzdata.zi")
echo "# Country code, name, time zones (IANA), tab-separated. From iso3166.tab and zone.tab of the tz"
echo "# database $version, which is in the public domain. countries.sh wrote this file."
awk -F'\t' '
    /^#/ { next }
    FNR == NR { name[$1] = $2; next }
    { zones[$1] = (zones[$1] ? zones[$1] "," : "") $3 }
    END { for (code in name) if (code in zones) print code "\t" name[code] "\t" zones[code] }
' "$folder/iso3166.tab" "$folder/zone.tab" | LC_ALL=C sort
