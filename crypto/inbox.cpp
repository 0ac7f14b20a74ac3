#include "crypto/inbox.hpp"

#include "crypto/aead.hpp"
#include "crypto/kdf.hpp"

namespace tomoshibi::crypto {
namespace {

constexpr byte version = 1;

secret<32> make_inbox_seal(const identity& who) {
  return hkdf_expand<32>(hkdf_extract({}, {who.sign.view(), who.agree.view()}), as_bytes("t1/inboxes"));
}

}  // namespace

bool inbox::keep(local_day today, local_day keep_from, random_source& random) {
  const local_day oldest = today > inbox_days_behind ? today - inbox_days_behind : 0;
  const local_day from = std::min(today, std::max(keep_from, oldest));
  const local_day end = today + inbox_days_ahead;
  bool changed = std::erase_if(seeds_, [&](const auto& each) {
                   return each.first < from || each.first >= end + inbox_days_slack;
                 }) > 0;
  for (local_day day = today; day != end; ++day) {
    if (seeds_.contains(day)) continue;
    seeds_.emplace(day, random.make_secret<32>());
    changed = true;
  }
  return changed;
}

std::vector<local_day> inbox::days() const {
  std::vector<local_day> out;
  for (const auto& [day, seed] : seeds_) out.push_back(day);
  return out;
}

const kem_secret_key* inbox::find(local_day day) const {
  const auto at = seeds_.find(day);
  return at == seeds_.end() ? nullptr : &at->second;
}

std::optional<bytes> inbox::signed_key(local_day day, const identity& who) const {
  const kem_secret_key* seed = find(day);
  if (!seed) return std::nullopt;
  return sign_inbox_key({sha256(who.certificate), day, kem_public(*seed)}, who.sign);
}

bytes inbox::seal(const identity& who, random_source& random) const {
  secret_writer plain(1 + seeds_.size() * (4 + 32));
  plain.number(static_cast<byte>(seeds_.size()));
  for (const auto& [day, seed] : seeds_) plain.number(day).put(seed.view());
  const auto nonce = random.make_block<24>();
  const bytes sealed = crypto::seal(make_inbox_seal(who), nonce, plain.finish(), {&version, 1});
  return writer(1 + nonce.size() + sealed.size()).number(version).put(nonce).put(sealed).finish();
}

result<inbox> inbox::open(bytes_view sealed, const identity& who) {
  reader in(sealed);
  const bool known = in.number<byte>() == version;
  const auto nonce = in.take<24>();
  if (!known || !in.ok()) return std::unexpected(failure::malformed);
  const auto plain = crypto::open(make_inbox_seal(who), nonce, in.rest(), {&version, 1});
  if (!plain) return std::unexpected(plain.error());

  reader kept(*plain);
  const auto count = kept.number<byte>();
  inbox out;
  for (byte i = 0; i < count && kept.ok(); ++i) {
    const auto day = kept.number<local_day>();
    const bytes_view seed = kept.view(32);
    if (!kept.ok() || (!out.seeds_.empty() && day <= out.seeds_.rbegin()->first)) break;
    out.seeds_.emplace(day, kem_secret_key(seed.first<32>()));
  }
  if (count > inbox_days_max || out.seeds_.size() != count || !kept.complete())
    return std::unexpected(failure::malformed);
  return out;
}

}  // namespace tomoshibi::crypto
