import Observability

/// The same words for readers of HTML: paragraphs, links that can be pressed, and a button below them.
package enum MailHTML {
    package static func page(_ text: String, _ button: PayButton? = nil) -> String {
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        let paragraphs = lines.split { $0.allSatisfy(\.isWhitespace) }.map { lines in
            "<p>" + lines.map(line).joined(separator: "<br>\n") + "</p>\n"
        }
        return "<!DOCTYPE html>\n<html><body>\n" + paragraphs.joined() + (button.map(pressable) ?? "")
            + "</body></html>\n"
    }

    /// Its style stands in the tag: readers of mails leave style sheets out.
    private static func pressable(_ button: PayButton) -> String {
        let (address, label) = (Escaping.markup(button.address.reveal()), Escaping.markup(button.label))
        return "<p><a href=\"\(address)\" style=\"\(style)\">\(label)</a></p>\n"
    }

    private static let style =
        "display:inline-block;padding:12px 24px;border-radius:4px;background:#14532d;color:#ffffff;"
        + "font-weight:bold;text-decoration:none"

    private static func line(_ line: Substring) -> String {
        line.split(separator: " ", omittingEmptySubsequences: false).map { word in
            let escaped = Escaping.markup(String(word))
            let isLink = word.hasPrefix("https://") || word.hasPrefix("http://")
            return isLink ? "<a href=\"\(escaped)\">\(escaped)</a>" : escaped
        }.joined(separator: " ")
    }
}
