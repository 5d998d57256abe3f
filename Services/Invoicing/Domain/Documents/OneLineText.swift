extension String {
    /// Without the breaks a file of another software may have brought: a row that is higher than a page has no place.
    ///
    /// What is between guillemets stays with them at the end of a line.
    package var onOneLine: String {
        split(whereSeparator: \.isNewline).joined(separator: " ")
            .replacing("« ", with: "«\u{202F}").replacing(" »", with: "\u{202F}»")
    }

    /// A French sentence as a page has it: a colon, or what an amount is of, stays with what is before it.
    var typeset: String {
        replacing(" :", with: "\u{A0}:").replacing(" €", with: "\u{202F}€").replacing(" %", with: "\u{202F}%")
    }
}
