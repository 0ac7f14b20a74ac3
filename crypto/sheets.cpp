#include "crypto/sheets.hpp"

#include <optional>

namespace tomoshibi::crypto {
namespace {

constexpr byte version = 1;
constexpr std::string_view share_tag = "t1/share", line_tag = "t1/line";
constexpr std::size_t line_bytes = sheet_bytes / sheet_lines;
constexpr std::size_t data_letters = line_bytes * 8 / 5, check_letters = 4, letters = data_letters + check_letters;
static_assert(line_bytes * sheet_lines == sheet_bytes && data_letters * 5 == line_bytes * 8);

// --- GF(2^8) modulo X^8 + X^4 + X^3 + X + 1 (FIPS 197, section 4.2); the time does not depend on the values ---

byte multiply(byte a, byte b) {
  unsigned product = 0, shifted = a;
  for (unsigned bit = 0; bit < 8; ++bit) {
    product ^= shifted & (0u - ((b >> bit) & 1u));
    shifted = (shifted << 1) ^ (0x11bu & (0u - (shifted >> 7)));
  }
  return static_cast<byte>(product);
}

byte invert(byte a) {  // a^254
  byte out = 1;
  for (int i = 0; i < 254; ++i) out = multiply(out, a);
  return out;
}

byte divide(byte a, byte b) { return multiply(a, invert(b)); }

// --- the check of the whole ---

block<4> check_of(bytes_view before) { return reader(sha256({as_bytes(share_tag), before})).take<4>(); }

// --- letters ---

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // without I, L, O and U

// Most significant bits first; `in` has a whole number of letters, or is cut to one.
void put_letters(secret_bytes& out, bytes_view in, std::size_t count) {
  unsigned held = 0, bits = 0;
  for (byte b : in) {
    held = (held << 8) | b;
    for (bits += 8; bits >= 5 && count > 0; --count) {
      bits -= 5;
      out.push_back(static_cast<byte>(alphabet[(held >> bits) & 31]));
    }
  }
}

secret_bytes line_letters(unsigned number, bytes_view line) {
  secret_bytes out;
  put_letters(out, line, data_letters);
  const byte numbered = static_cast<byte>(number);
  put_letters(out, sha256({as_bytes(line_tag), {&numbered, 1}, line}), check_letters);
  return out;
}

std::optional<unsigned> value_of(byte letter) {
  const char upper = static_cast<char>(letter >= 'a' && letter <= 'z' ? letter - 0x20 : letter);
  const char meant = upper == 'O' ? '0' : upper == 'I' || upper == 'L' ? '1' : upper;
  const std::size_t at = alphabet.find(meant);
  return at == std::string_view::npos ? std::nullopt : std::optional(static_cast<unsigned>(at));
}

// --- a page of text ---

// Full-width forms (U+FF01 to U+FF5E) as ASCII; the ideographic space, and an editor's byte order mark, as a blank.
secret_bytes narrow(std::string_view page) {
  secret_bytes out;
  out.reserve(page.size());
  for (std::size_t i = 0; i < page.size(); ++i) {
    const auto at = [&](std::size_t k) { return k < page.size() ? static_cast<byte>(page[k]) : byte{0}; };
    const byte second = at(i + 1), third = at(i + 2);
    if (at(i) == 0xef && (second == 0xbc || second == 0xbd) && third >= 0x80 && third < 0xc0) {
      out.push_back(static_cast<byte>((second - 0xbc) * 64 + third - 0x80 + 0x20));
      i += 2;
    } else if ((at(i) == 0xe3 && second == 0x80 && third == 0x80) ||
               (at(i) == 0xef && second == 0xbb && third == 0xbf)) {
      out.push_back(' ');
      i += 2;
    } else {
      out.push_back(at(i));
    }
  }
  return out;
}

bool is_blank(byte b) { return b == ' ' || b == '\t' || b == '\r' || b == '-'; }

// The line's number and what follows it; none: the line is none of the sheet's.
struct numbered_line {
  unsigned number;
  bytes_view rest;
};
std::optional<numbered_line> find_number(bytes_view line) {
  while (!line.empty() && is_blank(line.front())) line = line.subspan(1);
  if (line.size() < 2 || line[0] < '1' || line[0] > '0' + static_cast<int>(sheet_lines)) return std::nullopt;
  if (line[1] != ':' && line[1] != '.' && !is_blank(line[1])) return std::nullopt;
  return numbered_line{static_cast<unsigned>(line[0] - '0'), line.subspan(2)};
}

std::optional<sheet_fault::kind> read_line(unsigned number, bytes_view text, secret_bytes& out) {
  secret_bytes values;
  for (byte b : text) {
    if (is_blank(b)) continue;
    const auto value = value_of(b);
    if (!value) return sheet_fault::line_letter;
    values.push_back(static_cast<byte>(*value));
  }
  if (values.size() != letters) return sheet_fault::line_length;
  secret_bytes line;
  unsigned held = 0, bits = 0;
  for (std::size_t i = 0; i < data_letters; ++i) {
    held = (held << 5) | values[i];
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    line.push_back(static_cast<byte>(held >> bits));
  }
  const secret_bytes right = line_letters(number, line);
  for (std::size_t i = 0; i < letters; ++i)
    if (values[i] != value_of(right[i])) return sheet_fault::line_check;
  out.insert(out.end(), line.begin(), line.end());
  return std::nullopt;
}

}  // namespace

std::array<sheet, sheets_made> split_root(const sign_seed& root, random_source& random) {
  const auto slope = random.make_secret<32>();
  std::array<sheet, sheets_made> out;
  for (unsigned i = 0; i < sheets_made; ++i) {
    sheet& one = out[i];
    one.number = static_cast<byte>(i + 1);
    one.fingerprint = sha256(sign_public(root));
    for (std::size_t k = 0; k < slope.size(); ++k)
      one.share.writable()[k] = static_cast<byte>(root.view()[k] ^ multiply(one.number, slope.view()[k]));
  }
  return out;
}

// The line through both points, at 0: (x2 * y1 + x1 * y2) / (x1 + x2).
result<sign_seed> join_sheets(const sheet& one, const sheet& other) {
  if (one.number == other.number) return std::unexpected(failure::malformed);
  if (one.fingerprint != other.fingerprint) return std::unexpected(failure::wrong_binding);
  const byte across = static_cast<byte>(one.number ^ other.number);
  const byte of_one = divide(other.number, across), of_other = divide(one.number, across);
  sign_seed root;
  for (std::size_t k = 0; k < root.size(); ++k) {
    root.writable()[k] =
        static_cast<byte>(multiply(of_one, one.share.view()[k]) ^ multiply(of_other, other.share.view()[k]));
  }
  if (sha256(sign_public(root)) != one.fingerprint) return std::unexpected(failure::cannot_open);
  return root;
}

secret_bytes encode_sheet(const sheet& in) {
  secret_writer out(sheet_bytes);
  out.number(version).number(in.number).put(in.fingerprint).put(in.share.view());
  secret_bytes all = out.finish();
  const auto check = check_of(all);
  all.insert(all.end(), check.begin(), check.end());
  return all;
}

result<sheet> decode_sheet(bytes_view in) {
  if (in.size() != sheet_bytes) return std::unexpected(failure::malformed);
  reader from(in);
  const bool known = from.number<byte>() == version;
  sheet out;
  out.number = from.number<byte>();
  out.fingerprint = from.take<32>();
  out.share = secret<32>(from.view(32).first<32>());
  const bool right = from.take<4>() == check_of(in.first(sheet_bytes - 4));
  if (!known || !right || out.number < 1 || out.number > sheets_made) return std::unexpected(failure::malformed);
  return out;
}

secret_bytes print_sheet(const sheet& in) {
  const secret_bytes all = encode_sheet(in);
  secret_bytes out;
  for (unsigned number = 1; number <= sheet_lines; ++number) {
    const bytes_view line = bytes_view(all).subspan((number - 1) * line_bytes, line_bytes);
    const secret_bytes printed = line_letters(number, line);
    out.push_back(static_cast<byte>('0' + number));
    out.push_back(':');
    for (std::size_t i = 0; i < printed.size(); ++i) {
      if (i % 4 == 0) out.push_back(' ');
      out.push_back(printed[i]);
    }
    out.push_back('\n');
  }
  return out;
}

std::expected<sheet, sheet_fault> read_sheet(std::string_view page) {
  const secret_bytes text = narrow(page);
  std::array<std::optional<bytes_view>, sheet_lines> found;
  std::optional<sheet_fault> twice;
  for (bytes_view left = text; !left.empty();) {
    const auto end = std::find(left.begin(), left.end(), byte{'\n'});
    const auto size = static_cast<std::size_t>(end - left.begin());
    if (const auto line = find_number(left.first(size))) {
      auto& place = found[line->number - 1];
      if (place && (!twice || line->number < twice->line)) twice = {sheet_fault::line_twice, line->number};
      place = line->rest;
    }
    left = left.subspan(std::min(size + 1, left.size()));
  }
  secret_bytes all;
  for (unsigned number = 1; number <= sheet_lines; ++number) {
    if (!found[number - 1]) return std::unexpected(sheet_fault{sheet_fault::line_missing, number});
    if (twice && twice->line == number) return std::unexpected(*twice);
    const auto fault = read_line(number, *found[number - 1], all);
    if (fault) return std::unexpected(sheet_fault{*fault, number});
  }
  auto out = decode_sheet(all);
  if (!out) return std::unexpected(sheet_fault{sheet_fault::whole_check, 0});
  return *std::move(out);
}

}  // namespace tomoshibi::crypto
