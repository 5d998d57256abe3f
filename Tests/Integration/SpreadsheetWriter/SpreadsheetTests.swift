import Foundation
import SpreadsheetWriter
import TestSupport
import Testing

/// The face of libxlsxwriter; what it wrote is looked at as the archive of XML that it is.
@Suite struct `A spreadsheet` {
    private func sheets(
        _ rows: [[SpreadsheetCell]], rowsPerSheetMax: Int = SpreadsheetFile.rowsPerSheetMax
    ) throws -> [String] {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/book.xlsx"
        let file = try SpreadsheetFile(
            path: path, name: "grid", columns: ["a", "b"], rowsPerSheetMax: rowsPerSheetMax)
        for row in rows { try file.append(row) }
        try file.close()
        try file.close()
        return try (1...9).compactMap { number in
            let process = Process()
            let pipe = Pipe()
            process.executableURL = URL(filePath: "/usr/bin/env")
            let script =
                "import sys,zipfile;z=zipfile.ZipFile(sys.argv[1]);"
                + "n='xl/worksheets/sheet%s.xml'%sys.argv[2];print(z.read(n).decode() if n in z.namelist() else '')"
            process.arguments = ["python3", "-c", script, path, "\(number)"]
            process.standardOutput = pipe
            try process.run()
            let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            return text.contains("<worksheet") ? text : nil
        }
    }

    @Test func `keeps amounts and days as numbers, and a text that begins like a formula as a text`() throws {
        let sheet = try #require(
            try sheets([
                [.text("=1+1"), .amount(minorUnits: -1_234_567, digits: 2)],
                [.day(year: 2026, month: 11, day: 20), .number(7)], [.empty, .amount(minorUnits: 5, digits: 3)],
            ]).first)
        #expect(sheet.contains("<t>=1+1</t>") && !sheet.contains("<f>"))
        #expect(sheet.contains("<v>-12345.67</v>") && sheet.contains("<v>46346</v>") && sheet.contains("<v>0.005</v>"))
    }

    @Test func `goes on on another sheet when one is full`() throws {
        let found = try sheets((1...5).map { [.number($0), .empty] }, rowsPerSheetMax: 2)
        #expect(found.count == 3)
        #expect(found.allSatisfy { $0.contains("<t>a</t>") } && found[2].contains("<v>5</v>"))
    }

    @Test func `leaves out what XML cannot hold and cuts what a cell cannot`() throws {
        let long = String(repeating: "é", count: 40_000)
        let sheet = try #require(try sheets([[.text("a\u{0}\u{B}b\u{FFFE}"), .text(long)]]).first)
        #expect(sheet.contains("<t>ab</t>") && sheet.count { $0 == "é" } == 32_767)
    }

    @Test func `says why it cannot be written`() throws {
        let file = try SpreadsheetFile(path: "/nowhere/book.xlsx", name: "grid", columns: ["a"])
        #expect(throws: SpreadsheetError.self) { try file.close() }
        #expect(throws: SpreadsheetError.self) {
            try SpreadsheetFile(path: "/tmp/book.xlsx", name: "a/b", columns: ["a"])
        }
    }
}
