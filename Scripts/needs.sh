# Sourced by Scripts/try and Scripts/test: installs what a list of needs lacks, and only that.
#
# need FILE-OR-COMMAND APT DNF BREW   notes a need; the first word is a header below the include folders, a path, or a
#                                     command
# install_needs                       installs all that was noted, saying what it does

missing_apt=() missing_dnf=() missing_brew=()

have() {
  case $1 in
    /*) [ -e "$1" ] ;;
    *.h)
      local folder
      for folder in /usr/include /usr/include/* /usr/local/include /opt/homebrew/include /opt/homebrew/opt/*/include; do
        [ -e "$folder/$1" ] && return 0
      done
      return 1 ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
  esac
}

need() {
  have "$1" && return
  missing_apt+=("$2")
  missing_dnf+=("$3")
  missing_brew+=("$4")
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    echo "This needs root, and there is no sudo. As root, run: $*" >&2
    return 1
  fi
}

install_needs() {
  if ! command -v swift >/dev/null 2>&1; then
    echo "No Swift toolchain found. Install Swift 6.2 or later: https://www.swift.org/install/" >&2
    exit 2
  fi
  [ ${#missing_apt[@]} -gt 0 ] || return 0
  if command -v apt-get >/dev/null 2>&1; then
    echo "Installing with apt-get: ${missing_apt[*]}" >&2
    as_root apt-get update -qq &&
      as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing_apt[@]}" >&2
  elif command -v dnf >/dev/null 2>&1; then
    echo "Installing with dnf: ${missing_dnf[*]}" >&2
    as_root dnf install -y -q "${missing_dnf[@]}" >&2
  elif command -v brew >/dev/null 2>&1; then
    echo "Installing with brew: ${missing_brew[*]}" >&2
    brew install "${missing_brew[@]}" >&2
  else
    echo "Please install these libraries or programs yourself: ${missing_apt[*]}" >&2
    exit 2
  fi || { echo "Installing failed; wstap cannot be built without: ${missing_apt[*]}" >&2; exit 2; }
}

# What the build needs.
need zlib.h zlib1g-dev zlib-devel zlib
need zstd.h libzstd-dev libzstd-devel zstd
need openssl/evp.h libssl-dev openssl-devel openssl@3
need pcap/pcap.h libpcap-dev libpcap-devel libpcap
need sqlite3.h libsqlite3-dev sqlite-devel sqlite
need pcre2.h libpcre2-dev pcre2-devel pcre2
need pkg-config pkg-config pkgconf-pkg-config pkgconf
