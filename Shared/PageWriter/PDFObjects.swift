import CQPDF
import PaymentModel

/// The objects of one PDF, as qpdf shows them; every handle is good as long as this lives.
@safe final class PDFObjects {
    private let file: qpdf_data
    /// The library reads the file when it needs a part of it.
    private let bytes: UnsafeMutableBufferPointer<CChar>

    /// - Throws: when the bytes are no PDF.
    init(reading bytes: [UInt8]) throws(PageError) {
        unsafe file = qpdf_init()
        unsafe self.bytes = .allocate(capacity: bytes.count)
        for (index, byte) in bytes.enumerated() { unsafe self.bytes[index] = CChar(bitPattern: byte) }
        unsafe qpdf_set_suppress_warnings(file, 1)
        _ = unsafe qpdf_read_memory(file, "pages", self.bytes.baseAddress, UInt64(bytes.count), nil)
        try check()
    }

    deinit {
        var file: qpdf_data? = unsafe self.file
        unsafe qpdf_cleanup(&file)
        unsafe bytes.deallocate()
    }

    /// The whole file, written again.
    func written() throws(PageError) -> [UInt8] {
        _ = unsafe qpdf_init_write_memory(file)
        unsafe qpdf_set_minimum_pdf_version(file, "1.7")
        unsafe qpdf_set_deterministic_ID(file, 1)
        // What an archive must be able to read without a filter stays readable; pages are compressed already.
        unsafe qpdf_set_compress_streams(file, 0)
        unsafe qpdf_set_decode_level(file, qpdf_dl_none)
        unsafe qpdf_set_object_stream_mode(file, qpdf_o_disable)
        _ = unsafe qpdf_write(file)
        try check()
        return unsafe Array(UnsafeBufferPointer(start: qpdf_get_buffer(file), count: qpdf_get_buffer_length(file)))
    }

    private func check() throws(PageError) {
        guard unsafe qpdf_has_error(file) != 0 else { return }
        throw PageError(Sentence(unsafe String(cString: qpdf_get_error_full_text(file, qpdf_get_error(file)))))
    }
}

// MARK: Making objects

extension PDFObjects {
    /// An object as PDF writes it.
    func parse(_ source: String) -> qpdf_oh { unsafe qpdf_oh_parse(file, source) }

    func text(_ text: String) -> qpdf_oh { unsafe qpdf_oh_new_unicode_string(file, text) }

    func array(_ items: [qpdf_oh]) -> qpdf_oh {
        let array = unsafe qpdf_oh_new_array(file)
        for item in items { unsafe qpdf_oh_append_item(file, array, item) }
        return array
    }

    /// The same object as one of its own, to be referred to from several places.
    func indirect(_ object: qpdf_oh) -> qpdf_oh { unsafe qpdf_make_indirect_object(file, object) }

    /// A stream of these bytes; the values of `keys` are written as PDF writes them.
    func stream(_ bytes: [UInt8], keys: [(String, String)]) -> qpdf_oh {
        let stream = unsafe qpdf_oh_new_stream(file)
        let nothing = unsafe qpdf_oh_new_null(file)
        unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe qpdf_oh_replace_stream_data(file, stream, buffer.baseAddress, buffer.count, nothing, nothing)
        }
        for (key, value) in keys { setStream(key, of: stream, to: parse(value)) }
        return stream
    }
}

// MARK: Changing objects

extension PDFObjects {
    func get(_ key: String, of dictionary: qpdf_oh) -> qpdf_oh { unsafe qpdf_oh_get_key(file, dictionary, key) }

    func set(_ key: String, of dictionary: qpdf_oh, to value: qpdf_oh) {
        unsafe qpdf_oh_replace_key(file, dictionary, key, value)
    }

    func setStream(_ key: String, of stream: qpdf_oh, to value: qpdf_oh) {
        set(key, of: unsafe qpdf_oh_get_dict(file, stream), to: value)
    }

    func setRoot(_ key: String, to value: qpdf_oh) { set(key, of: unsafe qpdf_get_root(file), to: value) }

    /// Replaces the information dictionary, which must say the same as the metadata.
    func setInformation(_ entries: [(String, String)]) {
        let information = unsafe qpdf_oh_new_dictionary(file)
        for (key, value) in entries { set(key, of: information, to: text(value)) }
        set("/Info", of: unsafe qpdf_get_trailer(file), to: indirect(information))
    }

    /// Says of every font by glyph numbers that they are its own (ISO 19005-3, 6.2.11.3.2); cairo leaves it unsaid.
    func completeFonts() {
        eachDictionary { dictionary in
            guard isName("/CIDFontType2", at: "/Subtype", of: dictionary) else { return }
            guard unsafe qpdf_oh_has_key(file, dictionary, "/CIDToGIDMap") == 0 else { return }
            set("/CIDToGIDMap", of: dictionary, to: parse("/Identity"))
        }
    }

    /// Marks links as a part of the printed page, as an archive wants every annotation (ISO 19005-3, 6.3.2).
    func makeLinksPrintable() {
        eachDictionary { dictionary in
            guard isName("/Link", at: "/Subtype", of: dictionary) else { return }
            set("/F", of: dictionary, to: parse("4"))
        }
    }

    private func eachDictionary(_ visit: (qpdf_oh) -> Void) {
        let size = unsafe qpdf_oh_get_int_value_as_int(file, get("/Size", of: qpdf_get_trailer(file)))
        for number in 1..<max(size, 2) {
            let object = unsafe qpdf_get_object_by_id(file, number, 0)
            if unsafe qpdf_oh_is_dictionary(file, object) != 0 { visit(object) }
        }
    }

    private func isName(_ name: String, at key: String, of dictionary: qpdf_oh) -> Bool {
        let value = get(key, of: dictionary)
        guard unsafe qpdf_oh_is_name(file, value) != 0 else { return false }
        return unsafe String(cString: qpdf_oh_get_name(file, value)) == name
    }
}
