// The root key on three sheets of paper, any two of which give it back (Shamir's scheme over GF(2^8)). One alone says
// nothing about it. PROTOCOL.md, "Sheets".
#pragma once

#include <array>
#include <expected>
#include <string_view>

#include "crypto/failure.hpp"
#include "crypto/hash.hpp"
#include "crypto/sign.hpp"

namespace tomoshibi::crypto {

inline constexpr unsigned sheets_made = 3;
inline constexpr std::size_t sheet_bytes = 1 + 1 + 32 + 32 + 4;
inline constexpr unsigned sheet_lines = 7;  // of ten bytes each

struct sheet {
  byte number = 0;       // 1 to sheets_made
  hash32 fingerprint{};  // of the root, SHA-256(root public key)
  secret<32> share;
};

std::array<sheet, sheets_made> split_root(const sign_seed& root, random_source& random);

// malformed: the same sheet twice. wrong_binding: of two different roots. cannot_open: what they give is not the root
// with their fingerprint.
result<sign_seed> join_sheets(const sheet& one, const sheet& other);

secret_bytes encode_sheet(const sheet& in);
result<sheet> decode_sheet(bytes_view in);  // malformed, also where its check does not fit

// --- on paper ---

// Seven lines "1: XXXX XXXX XXXX XXXX CCCC": ten bytes in base32 without I, L, O and U, and a check of line and
// number.
secret_bytes print_sheet(const sheet& in);

struct sheet_fault {
  enum kind : byte {
    line_missing,  // no line begins with this number
    line_twice,
    line_length,  // not 20 letters and digits
    line_letter,  // something that is neither a letter nor a digit of the sheet
    line_check,   // somewhere in this line a letter is wrong
    whole_check,  // every line is right, but they are not of one sheet
  };
  kind what{};
  unsigned line = 0;  // from 1; 0 for whole_check
  bool operator==(const sheet_fault&) const = default;
};

// Finds the lines in a page of text, as printed or typed from paper, in any order: what begins with a number from 1
// to 7 and then a colon, a full stop, a hyphen or a blank is such a line, everything else is not looked at. Small
// letters, full-width ones, blanks and hyphens anywhere, O for 0, I and L for 1 are taken. The first fault, by line.
std::expected<sheet, sheet_fault> read_sheet(std::string_view page);

}  // namespace tomoshibi::crypto
