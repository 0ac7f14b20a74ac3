#include "crypto/trust.hpp"

namespace tomoshibi::crypto {

namespace {

// How wrong a device's clock may be.
constexpr seconds clock_error_max = 12 * 3600;

// Why `now` is outside [from, to], both included and widened by `slack` seconds; none if it is inside.
std::optional<failure> outside(seconds from, seconds to, seconds now, seconds slack) {
  if (now < from && from - now > slack) return failure::not_yet_valid;
  if (now > to && now - to > slack) return failure::expired;
  return std::nullopt;
}

std::optional<failure> not_now(const roster& listed, seconds now) {
  return outside(listed.issued, listed.expires, now, clock_error_max);
}

// Each object, asked whether it fits the one above it.
std::optional<failure> mismatch(const trust& in) {
  if (in.issued_by.epoch < in.centre.issuer_epoch_least) return failure::rolled_back;
  if (in.listed.centre != in.centre.centre || in.listed.issuer_hash != in.issuer_hash) return failure::wrong_binding;
  if (in.listed.epoch < in.centre.roster_epoch_least) return failure::rolled_back;
  return std::nullopt;
}

// The successor rule for one kind of object: what counts up may stay only if the object stays the same.
std::optional<failure> step_back(std::uint64_t seen, const hash32& seen_hash, std::uint64_t next,
                                 const hash32& next_hash) {
  if (next < seen) return failure::rolled_back;
  if (next == seen && next_hash != seen_hash) return failure::forked;
  return std::nullopt;
}

std::optional<failure> no_successor(const trust& seen, const trust& next) {
  if (next.centre.centre != seen.centre.centre || next.centre.root != seen.centre.root) return failure::wrong_binding;
  if (auto why = step_back(seen.centre.issued, seen.centre_hash, next.centre.issued, next.centre_hash)) return why;
  if (auto why = step_back(seen.issued_by.epoch, seen.issuer_hash, next.issued_by.epoch, next.issuer_hash))
    return why;
  if (auto why = step_back(seen.listed.epoch, seen.roster_hash, next.listed.epoch, next.roster_hash)) return why;
  const bool adjacent = next.listed.epoch > seen.listed.epoch && next.listed.epoch - seen.listed.epoch == 1;
  if (adjacent && next.listed.previous != seen.roster_hash) return failure::forked;
  return std::nullopt;
}

}  // namespace

result<certificate> trust::check(bytes_view signed_certificate, seconds now, seconds overtime) const {
  result<certificate> shown = open_certificate(signed_certificate, issued_by.key);
  if (!shown) return shown;
  if (shown->not_after > issued_by.not_after) return std::unexpected(failure::out_of_bounds);
  if (auto why = not_now(listed, now)) return std::unexpected(*why);
  const roster::entry* entry = listed.find(sha256(signed_certificate));
  if (!entry || (entry->flags & roster::flag_disabled) != 0) return std::unexpected(failure::not_listed);
  if (auto why = outside(shown->not_before, shown->not_after + overtime, now, 0)) return std::unexpected(*why);
  return shown;
}

result<trust> verify_trust(bytes_view centre_object, bytes_view issuer_object, bytes_view roster_object,
                           const hash32& root_fingerprint, seconds clock, const trust* seen) {
  result<centre_file> centre = open_centre_file(centre_object, root_fingerprint);
  if (!centre) return std::unexpected(centre.error());
  result<issuer> issued_by = open_issuer(issuer_object, centre->root);
  if (!issued_by) return std::unexpected(issued_by.error());
  result<roster> listed = open_roster(roster_object, issued_by->key);
  if (!listed) return std::unexpected(listed.error());

  trust out{std::move(*centre),    *issued_by,           std::move(*listed), sha256(centre_object),
            sha256(issuer_object), sha256(roster_object)};
  if (auto why = mismatch(out)) return std::unexpected(*why);
  if (seen) {
    if (auto why = no_successor(*seen, out)) return std::unexpected(*why);
  }
  const seconds now = clock + seconds{out.centre.clock_shift_hours} * 3600;
  if (auto why = not_now(out.listed, now)) return std::unexpected(*why);
  if (auto why = outside(out.issued_by.not_before, out.issued_by.not_after, now, clock_error_max)) {
    return std::unexpected(*why);
  }
  return out;
}

}  // namespace tomoshibi::crypto
