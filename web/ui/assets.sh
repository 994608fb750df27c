#!/bin/sh
# Fetches the design system as package-lock.json names it and copies the few
# files the pages need into vendor/, where they are embedded. Run it once
# after cloning and whenever package-lock.json or icons.txt changes.
set -eu
cd "$(dirname "$0")"

stamp=$(cat package-lock.json icons.txt assets.sh | cksum)
if [ -f vendor/.stamp ] && [ -d node_modules/axe-core ] && [ "$(cat vendor/.stamp)" = "$stamp" ]; then
	exit 0
fi

npm ci --ignore-scripts --no-audit --no-fund

italia=node_modules/bootstrap-italia
rm -rf vendor/*
mkdir -p vendor/fonts
# The map beside the style sheet is not shipped, so nobody shall ask for it. The
# icons of its video player are a font inside the style sheet, which our policy
# does not allow and no page needs.
sed -e '/^\/\*# sourceMappingURL=/d' -e 's/@font-face{font-family:VideoJS[^}]*}//' "$italia/dist/css/bootstrap-italia.min.css" >vendor/bootstrap-italia.css
cp "$italia/LICENSE" vendor/bootstrap-italia-license.txt
for weight in regular 600 700; do
	cp "$italia/dist/fonts/Titillium_Web/titillium-web-v10-latin-ext_latin-$weight.woff2" "vendor/fonts/titillium-$weight.woff2"
done
cp "$italia/dist/fonts/Roboto_Mono/roboto-mono-v13-latin-ext_latin-regular.woff2" vendor/fonts/roboto-mono-regular.woff2
cp "$italia/dist/fonts/Titillium_Web/OFL.txt" vendor/fonts/titillium-license.txt
cp "$italia/dist/fonts/Roboto_Mono/LICENSE.txt" vendor/fonts/roboto-mono-license.txt

# Only the symbols that icons.txt names: the whole sprite is eight times as large.
node - "$italia/dist/svg/sprites.svg" icons.txt >vendor/icons.svg <<'JS'
const { readFileSync } = require("node:fs");
const [sprite, list] = process.argv.slice(2).map((file) => readFileSync(file, "utf8"));
const symbols = list.split("\n").filter(Boolean).map((name) => {
  const found = sprite.match(new RegExp(`<symbol id="it-${name}".*?</symbol>`, "s"));
  if (!found) throw new Error(`icons.txt: the design system has no icon ${name}`);
  return found[0];
});
process.stdout.write(`<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
JS
touch vendor/.keep
echo "$stamp" >vendor/.stamp
