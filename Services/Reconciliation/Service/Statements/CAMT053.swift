import Foundation
import FoundationXML
import PaymentModel

/// Reads ISO 20022 bank-to-customer statements, camt.053.001.02 to .08 (the version in the namespace is not looked at).
enum CAMT053 {
    /// The statements of a file; throws `FileProblem` at the first thing that is not right.
    static func read(_ bytes: [UInt8]) throws -> [BankStatement] {
        try XMLGuard.check(bytes)
        let reader = CAMT053Reader()
        let parser = XMLParser(data: Data(bytes))
        parser.shouldResolveExternalEntities = false
        parser.delegate = reader
        let isRead = parser.parse()
        if let problem = reader.problem { throw problem }
        guard isRead else { throw broken(at: parser.lineNumber, in: nil) }
        guard !reader.statements.isEmpty else {
            throw FileProblem(
                line: nil, reason: "There is no statement (BkToCstmrStmt/Stmt) in it.",
                remedy: "Choose a CAMT.053 file; CAMT.052 and CAMT.054 are reports of another kind.")
        }
        return reader.statements
    }

    fileprivate static func broken(at line: Int, in element: String?) -> FileProblem {
        FileProblem(
            line: max(1, line), place: element, reason: "The XML ends or breaks here.",
            remedy: "Download the statement from the bank again.")
    }
}

/// Follows the elements of the file and keeps only what a statement needs.
private final class CAMT053Reader: NSObject, XMLParserDelegate {
    private(set) var statements: [BankStatement] = []
    private(set) var problem: FileProblem?
    private var path: [String] = []
    private var text = ""
    private var draft = StatementDraft()
    private var entry = EntryDraft()
    private var balance = BalanceDraft()
    private var places = CAMT053Places()

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String] = [:]
    ) {
        path.append(String(name.split(separator: ":").last ?? ""))
        text = ""
        places.enter(path)
        switch path.last {
        case "Stmt": draft = StatementDraft()
        case "Bal": balance = BalanceDraft()
        case "Ntry": entry = EntryDraft(line: parser.lineNumber)
        case "Amt":
            if isIn("Bal") { balance.currency = attributes["Ccy"] }
            if parent == "Ntry" { entry.currency = attributes["Ccy"] }
        default: break
        }
    }

    // The parser mends what it can and says at its end that all was well: an element that is not closed would pass.
    func parser(_ parser: XMLParser, parseErrorOccurred parseError: any Error) {
        problem = problem ?? CAMT053.broken(at: parser.lineNumber, in: places.text(path, entry))
    }

    func parser(_ parser: XMLParser, foundCharacters characters: String) { text += characters }

    func parser(
        _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) {
        guard problem == nil else { return }
        let value = text.trimmingCharacters(in: .whitespacesAndNewlines)
        take(value)
        text = ""
        let place = places.text(path, entry)
        let ended = path.popLast()
        do {
            switch ended {
            case "Bal": try draft.add(balance, line: parser.lineNumber)
            case "Ntry": try draft.add(entry, at: place)
            case "Stmt": statements.append(try draft.statement(line: parser.lineNumber, at: place).checked())
            default: break
            }
        } catch let found as FileProblem {
            problem = found.about(place)
            parser.abortParsing()
        } catch {
            problem = FileProblem(
                line: parser.lineNumber, place: place, reason: "Its amounts cannot be added: \(error).",
                remedy: "Ask the bank for the file again.")
            parser.abortParsing()
        }
    }

    private var parent: String { path.dropLast().last ?? "" }

    private func isIn(_ name: String) -> Bool { path.contains(name) }

    private func take(_ value: String) {
        guard let name = path.last else { return }
        if isIn("Bal") { return balance.take(name, parent, value) }
        if isIn("Ntry") { return entry.take(name, parent, value) }
        switch (parent, name) {
        case ("Stmt", "Id"): draft.reference = value
        case ("Id", "IBAN") where isIn("Acct"): draft.iban = value
        case ("Othr", "Id") where isIn("Acct"): draft.otherAccount = value
        default: break
        }
    }
}
