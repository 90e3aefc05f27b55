"""The books as an accountant reads them: balances, the journal in French law's columns, VAT, DAC7, sales per day."""
