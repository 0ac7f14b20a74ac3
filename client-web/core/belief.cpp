#include "client-web/core/belief.hpp"

namespace tomoshibi::core {

belief::step belief::named(const wire::welcome& message, seconds clock, output& out) {
  centre_ = message.centre;
  issuer_ = message.issuer;
  roster_ = message.roster;
  std::erase_if(files_, [&](const auto& file) {
    return file.first != centre_ && file.first != issuer_ && file.first != roster_;
  });
  for (const crypto::hash32& hash : {centre_, issuer_, roster_})
    if (!files_.contains(hash)) out.wanted.push_back(hash);
  return verify(clock);
}

belief::step belief::fetched(const crypto::hash32& hash, bytes_view object, seconds clock) {
  if (hash == centre_ || hash == issuer_ || hash == roster_) {
    if (crypto::sha256(object) != hash) {
      why_ = crypto::failure::malformed;
      return step::refused;
    }
    files_[hash].assign(object.begin(), object.end());
  }
  return verify(clock);
}

belief::step belief::verify(seconds clock) {
  if (!files_.contains(centre_) || !files_.contains(issuer_) || !files_.contains(roster_)) return step::waiting;
  auto verified = crypto::verify_trust(files_[centre_], files_[issuer_], files_[roster_], root_fingerprint_, clock,
                                       trust_ ? &*trust_ : nullptr);
  if (!verified) {
    why_ = verified.error();
    return step::refused;
  }
  trust_ = std::move(*verified);
  return step::ready;
}

seconds belief::centre_time(seconds clock) const {
  return trust_ ? clock + seconds{trust_->centre.clock_shift_hours} * 3600 : clock;
}

}  // namespace tomoshibi::core
