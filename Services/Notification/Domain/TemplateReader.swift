/// Reads a template from left to right, once.
struct TemplateReader {
    private let characters: [Character]
    private let occasion: Occasion
    private var place = 0
    private var line = 1
    private var column = 1
    /// The fields that were named.
    private(set) var named: Set<TemplateField> = []

    init(_ text: String, of occasion: Occasion) {
        characters = Array(text)
        self.occasion = occasion
    }

    mutating func read() throws(MessageTemplate.Fault) -> [MessageTemplate.Piece] {
        try pieces(inSchedule: nil)
    }

    private typealias Fault = MessageTemplate.Fault

    /// `opened` is where the schedule began that is being read.
    private mutating func pieces(inSchedule opened: Fault?) throws(Fault) -> [MessageTemplate.Piece] {
        var pieces: [MessageTemplate.Piece] = []
        var text = ""
        while place < characters.count {
            guard isOpening else {
                text.append(characters[place])
                advance()
                continue
            }
            let start = (line, column, place)
            let tag = try tag()
            if tag == "/schedule", opened != nil {
                takeLineBreak(after: start.2)
                return pieces + (text.isEmpty ? [] : [.text(text)])
            }
            if !text.isEmpty { pieces.append(.text(text)) }
            text = ""
            pieces.append(try piece(tag, opened, start))
        }
        if let opened { throw opened }
        return pieces + (text.isEmpty ? [] : [.text(text)])
    }

    private mutating func piece(
        _ tag: String, _ opened: Fault?, _ start: (line: Int, column: Int, place: Int)
    ) throws(Fault) -> MessageTemplate.Piece {
        func fault(_ kind: Fault.Kind) -> Fault { Fault(kind: kind, line: start.line, column: start.column) }
        if tag == "#schedule", occasion.hasSchedule {
            let unpaired = fault(.unpaired(tag))
            guard opened == nil else { throw unpaired }
            takeLineBreak(after: start.place)
            return .schedule(try pieces(inSchedule: unpaired))
        }
        if tag == "/schedule" { throw fault(.unpaired(tag)) }
        let allowed = occasion.fields + (opened == nil ? [] : Occasion.scheduleFields)
        guard let field = TemplateField(rawValue: tag), allowed.contains(field) else { throw fault(.unknownField(tag)) }
        named.insert(field)
        return .field(field)
    }

    private var isOpening: Bool {
        characters[place] == "{" && place + 1 < characters.count && characters[place + 1] == "{"
    }

    /// The name between two braces and two braces.
    private mutating func tag() throws(Fault) -> String {
        let fault = Fault(kind: .notClosed, line: line, column: column)
        var name = ""
        for _ in 0..<2 { advance() }
        while place < characters.count, !characters[place].isNewline {
            if characters[place] == "}", place + 1 < characters.count, characters[place + 1] == "}" {
                for _ in 0..<2 { advance() }
                return name.filter { !$0.isWhitespace }
            }
            name.append(characters[place])
            advance()
        }
        throw fault
    }

    /// A schedule's tag that is alone on its line takes the line with it.
    private mutating func takeLineBreak(after start: Int) {
        let isFirst = start == 0 || characters[start - 1].isNewline
        if isFirst, place < characters.count, characters[place].isNewline { advance() }
    }

    private mutating func advance() {
        (line, column) = characters[place].isNewline ? (line + 1, 1) : (line, column + 1)
        place += 1
    }
}
