/// The same words for readers of HTML: paragraphs, and links that can be pressed.
package enum MailHTML {
    package static func page(_ text: String) -> String {
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        let paragraphs = lines.split { $0.allSatisfy(\.isWhitespace) }.map { lines in
            "<p>" + lines.map(line).joined(separator: "<br>\n") + "</p>\n"
        }
        return "<!DOCTYPE html>\n<html><body>\n" + paragraphs.joined() + "</body></html>\n"
    }

    private static func line(_ line: Substring) -> String {
        line.split(separator: " ", omittingEmptySubsequences: false).map { word in
            let escaped = Escaping.markup(String(word))
            let isLink = word.hasPrefix("https://") || word.hasPrefix("http://")
            return isLink ? "<a href=\"\(escaped)\">\(escaped)</a>" : escaped
        }.joined(separator: " ")
    }
}
