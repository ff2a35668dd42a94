#include "spec/yaml_events.hpp"

#include "spec/text_rules.hpp"

#include <algorithm>
#include <vector>
#include <yaml.h>

namespace sluice::spec {

namespace {

std::string_view view(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

std::string_view view(const char* text) {
  return text == nullptr ? std::string_view() : text;
}

/// The library counts in characters; places are in bytes.
class Lines {
 public:
  Lines(int file, std::string_view text) : file_(file), text_(text), starts_{0} {
    for (std::size_t at = text.find('\n'); at != std::string_view::npos;
         at = text.find('\n', at + 1))
      starts_.push_back(at + 1);
  }

  /// Marks mostly come in the order of the text, and a line may be long: each is counted from the
  /// one before.
  Place place(const yaml_mark_t& mark) {
    const std::size_t line = std::min(mark.line, starts_.size() - 1);
    if (line != last_line_ || mark.column < last_column_) {
      last_line_ = line;
      last_column_ = 0;
      last_offset_ = starts_[line];
    }
    for (; last_column_ < mark.column && last_offset_ < text_.size(); ++last_column_) {
      ++last_offset_;
      while (last_offset_ < text_.size() && is_continuation(text_[last_offset_]))
        ++last_offset_;
    }
    return place(line, last_offset_);
  }

  Place place(std::size_t offset) const {
    const auto next = std::upper_bound(starts_.begin(), starts_.end(), offset);
    return place(static_cast<std::size_t>(next - starts_.begin()) - 1, offset);
  }

 private:
  Place place(std::size_t line, std::size_t offset) const {
    return {file_, static_cast<int>(line) + 1, static_cast<int>(offset - starts_[line]) + 1,
            static_cast<int>(offset)};
  }

  int file_;
  std::string_view text_;
  std::vector<std::size_t> starts_;
  // Where the last mark was: its line, its column in characters, and its offset.
  std::size_t last_line_ = 0;
  std::size_t last_column_ = 0;
  std::size_t last_offset_ = 0;
};

}  // namespace

struct YamlEvents::Impl {
  Impl(int file, std::string_view text);
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl();

  bool advance();
  void fill();
  void complain();

  Lines lines;
  yaml_parser_t parser = {};
  yaml_event_t raw = {};
  YamlEvent event;
  YamlProblem problem;
};

YamlEvents::Impl::Impl(int file, std::string_view text) : lines(file, text) {
  if (yaml_parser_initialize(&parser) == 0) throw std::bad_alloc();
  yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text.data()),
                               text.size());
}

YamlEvents::Impl::~Impl() {
  yaml_event_delete(&raw);
  yaml_parser_delete(&parser);
}

bool YamlEvents::Impl::advance() {
  yaml_event_delete(&raw);
  if (yaml_parser_parse(&parser, &raw) != 0) return true;
  if (parser.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
  complain();
  return false;
}

void YamlEvents::Impl::complain() {
  problem.what = view(parser.problem);
  problem.during = view(parser.context);
  problem.began.line = 0;
  if (parser.error == YAML_READER_ERROR) {
    problem.place = lines.place(parser.problem_offset);
    return;
  }
  problem.place = lines.place(parser.problem_mark);
  if (!problem.during.empty()) problem.began = lines.place(parser.context_mark);
}

/// Takes over what `raw` holds.
void YamlEvents::Impl::fill() {
  event = {};
  event.place = lines.place(raw.start_mark);
  if (raw.type == YAML_DOCUMENT_START_EVENT) event.kind = YamlEvent::Kind::document;
  if (raw.type == YAML_SEQUENCE_END_EVENT) event.kind = YamlEvent::Kind::list_end;
  if (raw.type == YAML_MAPPING_END_EVENT) event.kind = YamlEvent::Kind::map_end;
  if (raw.type == YAML_ALIAS_EVENT) {
    event.kind = YamlEvent::Kind::alias;
    event.anchor = view(raw.data.alias.anchor);
  }
  if (raw.type == YAML_SEQUENCE_START_EVENT) {
    event.kind = YamlEvent::Kind::list;
    event.anchor = view(raw.data.sequence_start.anchor);
    event.tag = view(raw.data.sequence_start.tag);
  }
  if (raw.type == YAML_MAPPING_START_EVENT) {
    event.kind = YamlEvent::Kind::map;
    event.anchor = view(raw.data.mapping_start.anchor);
    event.tag = view(raw.data.mapping_start.tag);
  }
  if (raw.type == YAML_SCALAR_EVENT) {
    const auto& scalar = raw.data.scalar;
    event.kind = YamlEvent::Kind::text;
    event.anchor = view(scalar.anchor);
    event.tag = view(scalar.tag);
    event.text = {reinterpret_cast<const char*>(scalar.value), scalar.length};
    event.is_plain = scalar.style == YAML_PLAIN_SCALAR_STYLE && event.tag.empty();
  }
}

YamlEvents::YamlEvents(int file, std::string_view text)
    : impl_(std::make_unique<Impl>(file, text)) {
}

YamlEvents::~YamlEvents() = default;

const YamlEvent* YamlEvents::next() {
  do {
    if (!impl_->advance()) return nullptr;
  } while (impl_->raw.type == YAML_STREAM_START_EVENT ||
           impl_->raw.type == YAML_DOCUMENT_END_EVENT);
  impl_->fill();
  return &impl_->event;
}

const YamlProblem& YamlEvents::problem() const {
  return impl_->problem;
}

}  // namespace sluice::spec
