// The names of enumerations as the pages know them. A value without a name here does not compile (-Wswitch).
#pragma once

#include "client-web/core/events.hpp"

namespace tomoshibi::core {

template <>
struct names<language> {
  static constexpr std::string_view name = "language";
  static constexpr std::string_view of(language value) {
    switch (value) {
      case language::unknown:
        return "unknown";
      case language::ja:
        return "ja";
      case language::ja_easy:
        return "ja_easy";
      case language::en:
        return "en";
      case language::pt:
        return "pt";
      case language::zh:
        return "zh";
      case language::vi:
        return "vi";
    }
    return {};
  }
};

template <>
struct names<text_progress> {
  static constexpr std::string_view name = "text_progress";
  static constexpr std::string_view of(text_progress value) {
    switch (value) {
      case text_progress::stored:
        return "stored";
      case text_progress::delivered:
        return "delivered";
      case text_progress::dropped:
        return "dropped";
    }
    return {};
  }
};

template <>
struct names<ending> {
  static constexpr std::string_view name = "ending";
  static constexpr std::string_view of(ending value) {
    switch (value) {
      case ending::by_us:
        return "by_us";
      case ending::by_peer:
        return "by_peer";
      case ending::lost:
        return "lost";
      case ending::taken_over:
        return "taken_over";
      case ending::broken:
        return "broken";
    }
    return {};
  }
};

template <>
struct names<said> {
  static constexpr std::string_view name = "said";
  static constexpr std::string_view of(said value) {
    switch (value) {
      case said::yes:
        return "yes";
      case said::too_long:
        return "too_long";
      case said::too_many:
        return "too_many";
      case said::over:
        return "over";
    }
    return {};
  }
};

template <>
struct names<wire::door_reason> {
  static constexpr std::string_view name = "door_reason";
  static constexpr std::string_view of(wire::door_reason value) {
    switch (value) {
      case wire::door_reason::open:
        return "open";
      case wire::door_reason::outside_hours:
        return "outside_hours";
      case wire::door_reason::past_last_intake:
        return "past_last_intake";
      case wire::door_reason::too_few_on_duty:
        return "too_few_on_duty";
      case wire::door_reason::line_full:
        return "line_full";
    }
    return {};
  }
};

template <>
struct names<wire::refusal> {
  static constexpr std::string_view name = "refusal";
  static constexpr std::string_view of(wire::refusal value) {
    switch (value) {
      case wire::refusal::closed:
        return "closed";
      case wire::refusal::unknown:
        return "unknown";
      case wire::refusal::no_such_desk:
        return "no_such_desk";
      case wire::refusal::bad_ticket:
        return "bad_ticket";
    }
    return {};
  }
};

template <>
struct names<wire::withdrawal> {
  static constexpr std::string_view name = "withdrawal";
  static constexpr std::string_view of(wire::withdrawal value) {
    switch (value) {
      case wire::withdrawal::not_accepted:
        return "not_accepted";
      case wire::withdrawal::survivor_left:
        return "survivor_left";
    }
    return {};
  }
};

template <>
struct names<wire::presence> {
  static constexpr std::string_view name = "presence";
  static constexpr std::string_view of(wire::presence value) {
    switch (value) {
      case wire::presence::here:
        return "here";
      case wire::presence::away:
        return "away";
      case wire::presence::left:
        return "left";
    }
    return {};
  }
};

template <>
struct names<invitation_kind> {
  static constexpr std::string_view name = "invitation_kind";
  static constexpr std::string_view of(invitation_kind value) {
    switch (value) {
      case invitation_kind::take_over:
        return "take_over";
      case invitation_kind::join:
        return "join";
    }
    return {};
  }
};

template <>
struct names<invitation_stage> {
  static constexpr std::string_view name = "invitation_stage";
  static constexpr std::string_view of(invitation_stage value) {
    switch (value) {
      case invitation_stage::asked:
        return "asked";
      case invitation_stage::offered:
        return "offered";
      case invitation_stage::accepted:
        return "accepted";
      case invitation_stage::done:
        return "done";
      case invitation_stage::refused:
        return "refused";
      case invitation_stage::colleague_refused:
        return "colleague_refused";
      case invitation_stage::gone:
        return "gone";
      case invitation_stage::withdrawn:
        return "withdrawn";
      case invitation_stage::fault:
        return "fault";
    }
    return {};
  }
};

template <>
struct names<letter_fault> {
  static constexpr std::string_view name = "letter_fault";
  static constexpr std::string_view of(letter_fault value) {
    switch (value) {
      case letter_fault::full:
        return "full";
      case letter_fault::another_day:
        return "another_day";
      case letter_fault::not_taken:
        return "not_taken";
      case letter_fault::no_readers:
        return "no_readers";
      case letter_fault::too_long:
        return "too_long";
    }
    return {};
  }
};

template <>
struct names<crypto::role> {
  static constexpr std::string_view name = "role";
  static constexpr std::string_view of(crypto::role value) {
    switch (value) {
      case crypto::role::counselor:
        return "counselor";
      case crypto::role::supervisor:
        return "supervisor";
      case crypto::role::desk:
        return "desk";
      case crypto::role::partner:
        return "partner";
      case crypto::role::administrator:
        return "administrator";
      case crypto::role::drill:
        return "drill";
    }
    return {};
  }
};

template <>
struct names<wire::error> {
  static constexpr std::string_view name = "server_error";
  static constexpr std::string_view of(wire::error value) {
    for (const wire::error_entry& entry : wire::error_table)
      if (entry.code == value) return entry.name;
    return {};
  }
};

template <>
struct names<crypto::failure> {
  static constexpr std::string_view name = "failure";
  static std::string_view of(crypto::failure value) {
    const std::string_view found = crypto::name(value);
    return found == "unknown" ? std::string_view() : found;
  }
};

}  // namespace tomoshibi::core
