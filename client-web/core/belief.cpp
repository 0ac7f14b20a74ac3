#include "client-web/core/belief.hpp"

namespace tomoshibi::core {

std::string desk_name(const crypto::trust& believed, const crypto::desk_id& desk) {
  for (const auto& each : believed.centre.desks)
    if (crypto::make_desk_id(believed.centre.centre, each.name) == desk) return each.name;
  return {};
}

belief::step belief::named(const wire::welcome& message, seconds clock, output& out) {
  return named(wire::renewed{message.centre, message.issuer, message.roster}, clock, out);
}

belief::step belief::named(const wire::renewed& message, seconds clock, output& out) {
  centre_ = message.centre;
  issuer_ = message.issuer;
  roster_ = message.roster;
  fetching_ = true;
  std::erase_if(files_, [&](const auto& file) {
    return file.first != centre_ && file.first != issuer_ && file.first != roster_;
  });
  for (const crypto::hash32& hash : {centre_, issuer_, roster_})
    if (!files_.contains(hash)) out.wanted.push_back(hash);
  return verify(clock);
}

bool belief::counts(const wire::server_message& said, bool ready) {
  if (std::holds_alternative<wire::failed>(said) || std::holds_alternative<wire::renewed>(said)) return true;
  return std::holds_alternative<wire::welcome>(said) != ready;
}

belief::step belief::fetched(const crypto::hash32& hash, bytes_view object, seconds clock) {
  if (!fetching_ || (hash != centre_ && hash != issuer_ && hash != roster_)) return step::waiting;
  if (crypto::sha256(object) != hash) return refuse(crypto::failure::malformed);
  files_[hash].assign(object.begin(), object.end());
  return verify(clock);
}

belief::step belief::verify(seconds clock) {
  if (!files_.contains(centre_) || !files_.contains(issuer_) || !files_.contains(roster_)) return step::waiting;
  auto verified = crypto::verify_trust(files_[centre_], files_[issuer_], files_[roster_], root_fingerprint_, clock,
                                       trust_ ? &*trust_ : nullptr);
  if (!verified) return refuse(verified.error());
  if (trust_ && trust_->roster_hash != verified->roster_hash) {
    roster_before_ = trust_->roster_hash;
    replaced_ = clock;
  }
  trust_ = std::move(*verified);
  fetching_ = false;
  return step::ready;
}

belief::step belief::refuse(crypto::failure why) {
  why_ = why;
  fetching_ = false;
  return step::refused;
}

const crypto::hash32* belief::roster_before(seconds clock) const {
  return replaced_ != 0 && clock <= replaced_ + roster_before_life ? &roster_before_ : nullptr;
}

seconds belief::centre_time(seconds clock) const {
  return trust_ ? clock + seconds{trust_->centre.clock_shift_hours} * 3600 : clock;
}

}  // namespace tomoshibi::core
