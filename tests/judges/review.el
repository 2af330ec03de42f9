;;; review.el --- A linguist's work in Emacs, for test_text_editors.py  -*- lexical-binding: t -*-
;; Takes the environment: PO is a file, STEPS lines of "id TAB act TAB text" as reviewing.py names the acts.
;; The commands are those of po-mode, as its keys call them.
(require 'po-mode)
(find-file (getenv "PO"))
(po-mode)
(dolist (line (split-string (getenv "STEPS") "\n" t))
  (let* ((step (split-string line "\t")) (act (nth 1 step)) (text (nth 2 step)))
    (goto-char (point-min))
    (search-forward (concat "msgctxt \"" (car step)))
    (po-current-entry)
    (pcase act
      ("REWRITE" (po-set-msgstr-form text) (po-current-entry) (po-unfuzzy))
      ((or "ACCEPT" "OK") (po-unfuzzy))
      ("EMPTY" (po-kill-msgstr)))
    (when (member act '("OK" "ASK"))
      (po-current-entry)
      (po-set-comment text))))
(save-buffer)
