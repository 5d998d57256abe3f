/// Text as XML and HTML hold it.
package enum MarkupText {
    /// What XML 1.0 cannot hold is left out.
    package static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\t", "\n", "\r": result += " "
            default:
                guard scalar.value >= 32, scalar.value & 0xFFFE != 0xFFFE else { continue }
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
