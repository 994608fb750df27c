#!/usr/bin/env bash
# Fills a folder with what search/associations/learn reads: Italian manuals,
# message catalogues, package descriptions and a thesaurus, all from Debian 12.
# Debian and its kin only. Installs nothing; takes 3 GB.
#
#   scripts/italian-texts.sh /tmp/italian-texts
#   go run ./search/associations/learn -texts /tmp/italian-texts
set -euo pipefail
folder=${1:?name a folder to fill}
packages="mythes-it
amule-common aptitude-common aptitude-doc-it atril-common audacity-data bibletime-data
brasero-common caja-common calligra-data cinnamon-l10n claws-mail-i18n coreutils darktable
debian-faq-it debian-handbook debian-reference-it developers-reference-it digikam-data dolphin dpkg
engrampa-common epiphany-browser-data evince-common evolution-common filezilla-common gajim
gedit-common gimp-data gimp-help-it git gnome-builder gnome-control-center-data gnome-user-docs
gnucash-common gnumeric-common gnupg-l10n gparted-common gramps grub-common gutenprint-locales
hexchat-common inkscape installation-guide-amd64 iso-codes kaddressbook kalzium-data kate5-data
kdenlive-data kdepim-addons kdepim-runtime kdevelop-data kdiff3-doc kexi-data kgeography-data
khelpcenter kicad-doc-it kio kmail kmymoney-common konqueror konsole konversation-data korganizer
krita-l10n krusader ktorrent-data kturtle libglib2.0-data libgtk-3-common libgtk2.0-common
libkf5kdelibs4support-data libreoffice-help-it libreoffice-l10n-it libsane-common libvirt-l10n
lokalize lyx-common mate-panel-common mate-utils-common mercurial-common network-manager okular
orca parley-data partitionmanager phpmyadmin pidgin-data plasma-desktop-data plasma-nm
plasma-workspace-data pluma-common postgresql-15 postgresql-client-15 remmina-common rhythmbox-data
skrooge-common subversion sympa tellico-data tellico-doc texlive-lang-italian vim-runtime vlc-l10n
wxmaxima xiphos-data zabbix-frontend-php"

mkdir -p "$folder/lists/partial" "$folder/packages"
folder=$(cd "$folder" && pwd)
cd "$folder/packages"
apt-get -q -o Dir::State::lists="$folder/lists" -o Acquire::Languages=it,en update
apt-get -q -o Dir::State::lists="$folder/lists" download $packages
for lang in it en; do
	for list in "$folder"/lists/*_main_i18n_Translation-$lang*; do
		/usr/lib/apt/apt-helper cat-file "$list"
	done >"$folder/Translation-$lang"
done
for package in *.deb; do
	dpkg-deb -x "$package" "$folder/${package%%_*}"
	rm "$package"
done
rm -r "$folder/lists" "$folder/packages"
